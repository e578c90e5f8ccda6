import { launch } from './browser.mjs';
import { readFileSync } from 'node:fs';
const [out, width, ...names] = process.argv.slice(2);
const b = await launch(); const p = await b.newPage({ viewport: { width: 1800, height: 1000 } });
await p.setContent(`<body style="margin:0;display:flex;flex-wrap:wrap;gap:6px;background:#f0f">${names.map(n => `<img style="width:${width}px" src="data:image/png;base64,${readFileSync(new URL('./out/' + n + '.png', import.meta.url)).toString('base64')}">`).join('')}</body>`);
await p.waitForTimeout(300); await p.screenshot({ path: out, fullPage: true }); await b.close();
