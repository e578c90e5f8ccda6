import { describe, expect, it } from 'vitest';
import { FrameReader } from './events';

describe('FrameReader', () => {
  it('reads events however the stream is cut', () => {
    const stream = ': hello\n\nid: 7\nevent: item.changed\ndata: {"a":\ndata: 1}\n\nid: 8\r\nevent: reset\r\ndata: {}\r\n\r\n';
    for (const size of [1, 3, 1000]) {
      const reader = new FrameReader();
      const frames = [];
      for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.slice(at, at + size)));
      expect(frames).toEqual([
        { id: '7', event: 'item.changed', data: '{"a":\n1}' },
        { id: '8', event: 'reset', data: '{}' },
      ]);
    }
  });
});
