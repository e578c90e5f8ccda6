/** Descriptions as Markdown and back. Both sides hold to `crates/content/fixtures/markdown`, as the server does. */
export { writeMarkdown } from './markdown/write';
export { loadParser } from './clipboard/paste';
