/** People's pictures. They need the session's token, so that an `<img>` can't fetch them by itself. */
import { useEffect, useState } from 'react';
import { request } from './request';

/** By user and version; for as long as the tab lives, since the same few people are everywhere. */
const pictures = new Map<string, Promise<string | null>>();
const ready = new Map<string, string>();

function load(key: string, user: string, version: string): Promise<string | null> {
  let picture = pictures.get(key);
  if (picture === undefined) {
    picture = request(`/users/${user}/avatar?v=${encodeURIComponent(version)}`)
      .then((response) => response.blob())
      .then((blob) => {
        const url = URL.createObjectURL(blob);
        ready.set(key, url);
        return url;
      })
      .catch(() => {
        // Initials do until the next time somebody shows.
        pictures.delete(key);
        return null;
      });
    pictures.set(key, picture);
  }
  return picture;
}

/** The address of a picture once it is there; `version` is the person's `avatar`. */
export function useAvatar(user: string, version: string | null | undefined): string | null {
  const key = `${user}:${version}`;
  const [, setLoaded] = useState(0);
  useEffect(() => {
    if (version == null || ready.has(key)) return;
    let gone = false;
    void load(key, user, version).then((url) => !gone && url !== null && setLoaded((count) => count + 1));
    return () => {
      gone = true;
    };
  }, [key, user, version]);
  return version == null ? null : (ready.get(key) ?? null);
}
