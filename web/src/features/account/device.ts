/** A person's word for a User-Agent: "Firefox on Windows". Null when there is nothing to go by. */
export function deviceName(agent: string | null): string | null {
  if (agent === null || agent.trim() === '') return null;
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /OPR\//.test(agent)
      ? 'Opera'
      : /Firefox\//.test(agent)
        ? 'Firefox'
        : /Chrom(e|ium)\//.test(agent)
          ? 'Chrome'
          : /Safari\//.test(agent)
            ? 'Safari'
            : null;
  const system = /iPhone|iPad/.test(agent)
    ? 'iOS'
    : /Android/.test(agent)
      ? 'Android'
      : /Windows/.test(agent)
        ? 'Windows'
        : /Mac OS X/.test(agent)
          ? 'macOS'
          : /Linux|X11/.test(agent)
            ? 'Linux'
            : null;
  if (browser === null) return agent.split(/[\s/]/)[0] ?? agent;
  return system === null ? browser : `${browser} on ${system}`;
}
