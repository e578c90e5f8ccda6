/**
 * The one socket to the server, for all open documents. It speaks the Hocuspocus protocol: varString document name, varUint
 * type, payload.
 */
import { HocuspocusProviderWebsocket, MessageType } from '@hocuspocus/provider';
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding';

const SYNC = { step1: 0, step2: 1, update: 2 } as const;

export interface Frame {
  document: string;
  type: number;
  /** The kind of a sync frame. */
  sync: number | null;
  /** The flag of a sync status. */
  applied: boolean | null;
}

/** The head of a frame; null for a frame without a document (ping and pong). */
export function readFrame(data: ArrayBuffer | Uint8Array): Frame | null {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (bytes.length < 2) return null;
  const decoder = createDecoder(bytes);
  const document = readVarString(decoder);
  const type = readVarUint(decoder);
  return {
    document,
    type,
    sync: type === MessageType.Sync ? readVarUint(decoder) : null,
    applied: type === MessageType.SyncStatus ? readVarUint(decoder) === 1 : null,
  };
}

export const isStep2 = (frame: Frame) => frame.sync === SYNC.step2;

/** What really left on the present socket. */
export type Sent = (document: string, what: 'offered' | 'sent') => void;

/**
 * A WebSocket that holds frames back until they make sense, per document: nothing before its authentication, and no update
 * before its sync step 2, which contains every update up to then.
 */
export function gatedWebSocket(sent: Sent): typeof WebSocket {
  return class extends WebSocket {
    #authenticated = new Set<string>();
    #offered = new Set<string>();

    override send(data: string | BufferSource | Blob): void {
      const frame = data instanceof Uint8Array ? readFrame(data) : null;
      if (frame === null) {
        super.send(data);
        return;
      }
      const { document } = frame;
      if (frame.type === MessageType.Auth) this.#authenticated.add(document);
      else if (!this.#authenticated.has(document)) return;
      if (frame.type === MessageType.CLOSE) {
        this.#authenticated.delete(document);
        this.#offered.delete(document);
      } else if (frame.sync === SYNC.step2) {
        this.#offered.add(document);
        sent(document, 'offered');
      } else if (frame.sync === SYNC.update) {
        if (!this.#offered.has(document)) return;
        sent(document, 'sent');
      }
      super.send(data);
    }
  };
}

/** What the provider's types keep to itself. */
type Emitter = { emit: (event: 'close', value: { event: { code: number; reason: string } }) => void };

/** Opens the socket; it reconnects by itself, with backoff and jitter, and at once when the network or the tab comes back. */
export function openSocket(url: string, sent: Sent): { socket: HocuspocusProviderWebsocket; close: () => void } {
  const socket = new HocuspocusProviderWebsocket({
    url,
    WebSocketPolyfill: gatedWebSocket(sent),
    // The first try after a loss comes after exactly `delay`, so it differs per client.
    delay: 300 + Math.floor(Math.random() * 900),
    minDelay: 250,
    factor: 2,
    maxDelay: 15_000,
    jitter: true,
    onOpen: () => {
      // Frames queued while the socket was away are covered by the handshake that follows; sent, they would come twice.
      (socket as unknown as { messageQueue: unknown[] }).messageQueue = [];
    },
  });
  const wake = () => {
    if (document.visibilityState === 'visible' && socket.shouldConnect && socket.status === 'disconnected') void socket.connect();
  };
  const lost = () => {
    // A browser may take a minute to notice that a socket is dead.
    if (socket.status !== 'disconnected') (socket as unknown as Emitter).emit('close', { event: { code: 4408, reason: 'offline' } });
  };
  window.addEventListener('online', wake);
  window.addEventListener('focus', wake);
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('offline', lost);
  return {
    socket,
    close: () => {
      window.removeEventListener('online', wake);
      window.removeEventListener('focus', wake);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('offline', lost);
      socket.destroy();
    },
  };
}
