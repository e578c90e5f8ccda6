/** Every text that a person reads: a folder for each language, a file for each feature. English is the source of the others' type. */
import { en } from './en';

export type Texts = typeof en;

export const t: Texts = en;
