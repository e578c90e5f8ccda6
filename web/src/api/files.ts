/** Files of a project: fetched with the person's token, shown from memory. */
import { useEffect, useState } from 'react';
import { session } from './session';

export interface File {
  id: string;
  project_id: string;
  name: string;
  media_type: string;
  /** In bytes. */
  size: number;
  /** In pixels, of pictures. */
  width?: number | null;
  height?: number | null;
  created_at: string;
}

export interface Loaded {
  /** A `blob:` address for as long as something shows the file. */
  url: string | null;
  meta: File | null;
  failed: boolean;
  retry: () => void;
}

export function useFile(id: string | null): Loaded {
  const [loaded, setLoaded] = useState<Omit<Loaded, 'retry'>>({ url: null, meta: null, failed: false });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (id === null) return;
    let url: string | null = null;
    let gone = false;
    const get = async (path: string) => {
      const response = await session.fetch(new Request(`/api/v1/files/${encodeURIComponent(id)}${path}`));
      if (!response.ok) throw new Error(`the file answered ${response.status}`);
      return response;
    };
    Promise.all([get('/meta').then((response) => response.json() as Promise<File>), get('').then((response) => response.blob())]).then(
      ([meta, blob]) => {
        if (gone) return;
        url = URL.createObjectURL(blob);
        setLoaded({ url, meta, failed: false });
      },
      () => !gone && setLoaded({ url: null, meta: null, failed: true }),
    );
    return () => {
      gone = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [id, tries]);
  return { ...loaded, retry: () => setTries(tries + 1) };
}
