import { useState } from 'react';
export function usePreference<T>(_key: string, fallback: T): [T, (value: T) => void] { return useState(fallback); }
