/** Only this of the highlighter: a chunk of its own, without the languages. */
export { createLowlight } from 'lowlight';
