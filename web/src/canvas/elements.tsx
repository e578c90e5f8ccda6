/** Shapes and connectors as React Flow's nodes: each draws itself again when it changes, and only then. */
import type { Node, NodeProps } from '@xyflow/react';
import { ArrowUpRight } from 'lucide-react';
import { memo, useMemo } from 'react';
import { useFile } from '@/api/files';
import { useTheme } from '@/app/theme';
import { useUpload } from '@/editor/uploads';
import { CardFace } from './cards';
import { useEditor, useElement, useUi, useWay } from './context';
import { connectorMarks, labelMarks, labelOf, shapeMarks } from './drawing';
import { Marks } from './marks';
import type { Connector, Shape } from './schema';

const ShapeNode = memo(
  function ShapeNode({ id }: NodeProps) {
    const element = useElement(id);
    return element?.type === 'shape' ? <ShapeFace shape={element} /> : null;
  },
  (before, after) => before.id === after.id,
);

export function ShapeFace({ shape }: { shape: Shape }) {
  const { live } = useEditor();
  const box = live.box(shape.id);
  const { at: [x, y], size: [w, h], angle, style } = shape;
  return (
    <div
      className="absolute"
      style={{ left: x - (box?.x ?? x), top: y - (box?.y ?? y), width: w, height: h, opacity: style.opacity < 1 ? style.opacity : undefined, transform: angle === 0 ? undefined : `rotate(${angle}deg)` }}
    >
      {shape.kind === 'image' ? <Picture shape={shape} /> : <Figure shape={shape} />}
      {shape.kind === 'card' && <CardFace shape={shape} />}
      {shape.link !== null && <LinkMark link={shape.link} />}
    </div>
  );
}

/** A shape leads somewhere. By keyboard its menu does. */
function LinkMark({ link }: { link: string }) {
  return (
    <a
      data-own
      href={link}
      target="_blank"
      rel="noopener noreferrer"
      tabIndex={-1}
      title={link}
      className="pointer-events-auto absolute top-1 right-1 flex size-[18px] cursor-pointer items-center justify-center rounded-full border border-line bg-raised text-accent-text hover:bg-hover [&_svg]:size-3"
    >
      <ArrowUpRight aria-hidden />
    </a>
  );
}

const still = { at: [0, 0] as const };

export function Figure({ shape, image }: { shape: Shape; image?: string }) {
  const theme = useTheme(({ shown }) => shown);
  const writing = useUi(({ editing }) => editing === shape.id);
  const { kind, size, text, style, points, base, alt, file } = shape;
  const marks = useMemo(() => {
    // A card shows its item by itself: only its box is drawn here.
    const all = shapeMarks({ ...shape, ...still, text: writing ? '' : text }, { theme, image: () => image });
    return kind === 'card' ? all.filter((mark) => mark.type === 'path') : all;
  }, [kind, size[0], size[1], text, style, points, base, alt, file, theme, writing, image]);
  return (
    <svg width={size[0]} height={size[1]} className={kind === 'sticky' ? 'absolute overflow-visible drop-shadow-sm' : 'absolute overflow-visible'}>
      <Marks marks={marks} />
    </svg>
  );
}

function Picture({ shape }: { shape: Shape }) {
  const upload = useUpload(shape.file);
  const file = useFile(upload === undefined ? shape.file : null);
  return <Figure shape={shape} image={upload?.url ?? file.url ?? undefined} />;
}

const ConnectorNode = memo(
  function ConnectorNode({ id }: NodeProps) {
    const element = useElement(id);
    return element?.type === 'connector' ? <ConnectorFace connector={element} /> : null;
  },
  (before, after) => before.id === after.id,
);

function ConnectorFace({ connector }: { connector: Connector }) {
  const { live } = useEditor();
  const theme = useTheme(({ shown }) => shown);
  const way = useWay(connector.id);
  const box = live.box(connector.id);
  if (way === null || box === null) return null;
  return (
    <svg width={box.w} height={box.h} viewBox={`${box.x} ${box.y} ${box.w} ${box.h}`} className="absolute overflow-visible" opacity={connector.style.opacity < 1 ? connector.style.opacity : undefined}>
      <Marks marks={connectorMarks(connector, way, theme)} />
    </svg>
  );
}

/** The text of a connector, over all shapes. */
const LabelNode = memo(
  function LabelNode({ data: { of } }: NodeProps<CanvasNode>) {
    const element = useElement(of);
    const known = useWay(of);
    const theme = useTheme(({ shown }) => shown);
    const writing = useUi(({ editing }) => editing === of);
    const way = element?.type === 'connector' && !writing ? known : null;
    const place = way === null || element?.type !== 'connector' ? undefined : labelOf(element, way.middle)?.place;
    if (way === null || place === undefined) return null;
    return (
      <svg width={place.w} height={place.h} viewBox={`${place.x} ${place.y} ${place.w} ${place.h}`} className="absolute overflow-visible">
        <Marks marks={labelMarks(element as Connector, way, theme)} />
      </svg>
    );
  },
  (before, after) => before.id === after.id,
);

export const nodeTypes = { shape: ShapeNode, connector: ConnectorNode, label: LabelNode };

/** `of`: the element that it shows. */
export type CanvasNode = Node<{ of: string }, 'shape' | 'connector' | 'label'>;
