import { plural } from '../plural';

export const state = {
  opening: 'Opening…',
  saved: 'Saved',
  savedHelp: 'Everything you see is on the server’s disk.',
  saving: 'Saving…',
  savingHelp: 'The server has not confirmed the last changes yet.',
  readonly: 'Read only',
  readonlyHelp: 'You may read this. Ask an administrator for the editor role to write.',
  offline: (kept: number) => (kept === 0 ? 'Offline' : `Offline — ${plural(kept, 'change', 'changes')} kept here`),
  offlineHelp: 'Go on writing. Changes are kept on this device and sent when the server is back.',
  offlineUnkept: (kept: number) => (kept === 0 ? 'Offline' : `Offline — ${plural(kept, 'change', 'changes')} only in this tab`),
  unkeptHelp: 'This browser refuses to store anything, so changes live only in this tab. Don’t close it before you are online again.',
  refused: {
    4400: {
      label: 'Not saved — refused',
      help: 'The server refused the last change as invalid. Your text is kept on this device. Copy it, then open the server’s version.',
    },
    4401: { label: 'Signed out', help: 'Your session has ended. Your text is kept on this device; sign in again to send it.' },
    4403: {
      label: 'Not saved — not allowed',
      help: 'You may no longer edit this. What you changed since is kept on this device only. Copy it, then open the server’s version.',
    },
    4404: { label: 'Deleted', help: 'This was deleted, or you may no longer see it. Your copy is kept on this device.' },
    4409: {
      label: 'History rewritten',
      help: 'The history of this document was rewritten on the server, so your copy can’t be merged. Copy what you need, then open the current version.',
    },
    4413: { label: 'Not saved — too large', help: 'The document is too large for the server. Copy your last changes, then open the server’s version and shorten it.' },
    other: { label: 'Not saved', help: 'The server refused this document. Your text is kept on this device.' },
  } as Record<number | 'other', { label: string; help: string }>,
  signInAgain: 'Sign in again',
  copyText: 'Copy my text',
  useServer: 'Open the server’s version',
  useCurrent: 'Open the current version',
  discardTitle: 'Open the server’s version?',
  discardText: (kept: number) => `${plural(kept, 'change', 'changes')} on this device will be lost.`,
  details: 'What does this mean?',
};
