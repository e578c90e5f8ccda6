import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Joins class names; the later of two that conflict wins. */
export const cn = (...classes: ClassValue[]) => twMerge(clsx(classes));
