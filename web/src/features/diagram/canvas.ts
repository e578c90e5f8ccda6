/** The canvas, a chunk of its own. */
import { deferred } from '@/ui/deferred';

export const Canvas = deferred(() => import('@/canvas/Diagram').then(({ default: component }) => component));
