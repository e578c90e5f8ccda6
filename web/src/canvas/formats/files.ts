/** What a reader gives, and pictures that came inside a file. Nothing is ever fetched from elsewhere. */
import type { DiagramJson } from '../schema';
import type { Report, ReportLine } from './report';

/** Who imports uploads it and puts the id of the file into the shape. */
export interface ImportedFile {
  /** The id of the image shape it belongs to. */
  shape: string;
  file: Blob;
}

export interface Imported {
  diagram: DiagramJson;
  report: readonly ReportLine[];
  files: readonly ImportedFile[];
}

/** The types that the server shows inline. */
export const IMAGE_TYPES = /^(data:image\/(?:png|jpe?g|gif|webp|avif)),/;
const IMAGE = /^data:(image\/(?:png|jpe?g|gif|webp|avif));base64,/;

/** The picture of a data: URL; what else it is, is reported. */
export function imageOf(url: string, report: Report): Blob | null {
  const media = IMAGE.exec(url);
  if (!media) {
    report.warn(/^data:image\/svg/.test(url) ? 'svg_image' : url === '' || url.startsWith('data:') ? 'missing_image' : 'external_image');
    return null;
  }
  try {
    const bytes = Uint8Array.from(atob(url.slice(media[0].length).replace(/\s/g, '')), (char) => char.charCodeAt(0));
    return new Blob([bytes], { type: media[1]!.replace('jpg', 'jpeg') });
  } catch {
    report.warn('missing_image');
    return null;
  }
}
