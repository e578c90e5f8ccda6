// Two kinds of Yjs clients as others write them: the stock y-websocket provider, and Hocuspocus' provider.
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import { WebSocket } from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** A connection that is given up before it stands reports an error to somebody who isn't listening any more. */
class Socket extends WebSocket {
  constructor(...rest) {
    super(...rest);
    this.on('error', () => undefined);
  }
}

/** One person's client with several open documents. `network(false)` takes the connection away. */
export function stock(server, token, ids) {
  const docs = new Map();
  const providers = [];
  for (const id of ids) {
    const doc = new Y.Doc();
    docs.set(id, doc);
    providers.push(
      new WebsocketProvider(`${server.url.replace('http', 'ws')}/collab`, id, doc, {
        params: { token },
        WebSocketPolyfill: Socket,
        maxBackoffTime: 250,
        disableBc: true,
      }),
    );
  }
  return {
    kind: 'stock',
    docs,
    providers,
    synced: () => providers.every((provider) => provider.synced),
    network: (up) => providers.forEach((provider) => (up ? provider.connect() : provider.disconnect())),
    end: () => {
      for (const provider of providers) {
        provider.destroy();
        provider.awareness.destroy();
      }
    },
  };
}

export function hocuspocus(server, token, ids) {
  const socket = new HocuspocusProviderWebsocket({
    url: `${server.url.replace('http', 'ws')}/collab`,
    WebSocketPolyfill: Socket,
    delay: 50,
    minDelay: 50,
    maxDelay: 250,
  });
  // `connect` does nothing while a socket that was told to close hasn't closed yet.
  let wanted = true;
  socket.on('disconnect', () => {
    if (wanted) void socket.connect();
  });
  const docs = new Map();
  const providers = [];
  for (const id of ids) {
    const doc = new Y.Doc();
    docs.set(id, doc);
    const provider = new HocuspocusProvider({ name: id, document: doc, websocketProvider: socket, token });
    provider.attach();
    providers.push(provider);
  }
  return {
    kind: 'hocuspocus',
    docs,
    providers,
    synced: () => providers.every((provider) => provider.isSynced),
    network: (up) => {
      wanted = up;
      if (up) void socket.connect();
      else socket.disconnect();
    },
    end: () => {
      wanted = false;
      for (const provider of providers) provider.destroy();
      socket.destroy();
    },
  };
}

const texts = (array) => array.toArray().map((map) => ({ id: map.get('id'), text: String(map.get('text')), done: map.get('done') }));

/** Everything that an item's document says, in a form that compares. */
export const readItem = (doc) => ({
  title: doc.getText('title').toString(),
  description: doc.getXmlFragment('description').toString(),
  criteria: texts(doc.getArray('acceptanceCriteria')),
  fields: doc.getMap('fields').toJSON(),
});

/** Everything that an outline's document says. */
export const readOutline = (doc) => doc.getMap('nodes').toJSON();
