import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Writes `sw.js`, which knows every file of the build and a version that is their hash. */
export function serviceWorker(): Plugin {
  let out = '';
  return {
    name: 'canopy:service-worker',
    apply: 'build',
    configResolved: (config) => {
      out = join(config.root, config.build.outDir);
    },
    closeBundle: () => {
      const files = readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => !/\.(map|br|gz)$|[\\/]sw\.js$/.test(file))
        .sort();
      const source = readFileSync(fileURLToPath(new URL('./worker.js', import.meta.url)), 'utf8');
      const hash = createHash('sha256').update(source);
      for (const file of files) hash.update(relative(out, file)).update(readFileSync(file));
      const version = hash.digest('hex').slice(0, 16);
      const paths = files.map((file) => `/${relative(out, file).split(sep).join('/')}`);
      const page = createHash('sha256').update(readFileSync(join(out, 'index.html'))).digest('hex');
      const consts = { VERSION: version, FILES: paths, PAGE_HASH: page };
      const head = Object.entries(consts).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`).join('');
      writeFileSync(join(out, 'sw.js'), head + source);
    },
  };
}
