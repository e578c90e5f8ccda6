/** Reads the answer of `POST /projects/{project}/heads`: documents one after the other, each as its head in one Yjs update. */
import { createDecoder, hasContent, readUint8Array, readVarUint, readVarUint8Array } from 'lib0/decoding';

export interface Head {
  id: string;
  epoch: number;
  position: number;
  update: Uint8Array;
}

/** Throws on an answer that was cut short. */
export function readHeads(bytes: Uint8Array): Head[] {
  const decoder = createDecoder(bytes);
  const heads: Head[] = [];
  while (hasContent(decoder)) {
    const hex = [...readUint8Array(decoder, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    heads.push({
      id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`,
      epoch: readVarUint(decoder),
      position: readVarUint(decoder),
      update: readVarUint8Array(decoder),
    });
  }
  return heads;
}
