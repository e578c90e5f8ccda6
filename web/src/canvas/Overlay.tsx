/** What lies over the drawing: what is chosen and its handles, guides, what is being drawn, here and by others. */
import { useSyncExternalStore, type CSSProperties } from 'react';
import { useStore } from 'zustand';
import { useTheme } from '@/app/theme';
import { useEditor, useElement, useUi, useView, useWay } from './context';
import { shapeMarks } from './drawing';
import { boundsOf, grown, union, type Box } from './geo';
import { outOf, sideOf, wayOf } from './geometry';
import { Marks } from './marks';
import { colourOf } from './rules';
import { SIDES, type Connector, type Point, type Shape } from './schema';

/** Sizes in pixels of the screen, whatever the zoom. */
const px = (pixels: number): string => `calc(${pixels}px / var(--zoom))`;

/** What a finger can take: more than what is seen. */
const reach = "pointer-coarse:after:absolute pointer-coarse:after:-inset-[calc(14px/var(--zoom))] pointer-coarse:after:content-['']";

const boxStyle = ({ x, y, w, h }: Box): CSSProperties => ({ left: x, top: y, width: w, height: h });

export function Overlay() {
  return (
    <>
      <Peers />
      <Guides />
      <Target />
      <Chosen />
      <Sides />
      <Draft />
      <Wire />
      <Marquee />
    </>
  );
}

function Guides() {
  const guides = useUi((ui) => ui.guides);
  if (guides.length === 0) return null;
  return (
    <svg className="absolute overflow-visible" width="1" height="1">
      {guides.map(({ axis, at, from, to }) => (
        <line key={`${axis}${at}`} {...(axis === 'x' ? { x1: at, x2: at, y1: from, y2: to } : { x1: from, x2: to, y1: at, y2: at })} className="stroke-danger" strokeWidth="1" vectorEffect="non-scaling-stroke" />
      ))}
    </svg>
  );
}

function Marquee() {
  const box = useUi((ui) => ui.marquee);
  return box === null ? null : <div className="absolute border-accent bg-accent/10" style={{ ...boxStyle(box), borderWidth: px(1), borderStyle: 'solid' }} />;
}

function Draft() {
  const draft = useUi((ui) => ui.draft);
  return draft === null ? null : <Ghost shape={draft} />;
}

/** A shape that isn't in the document. */
function Ghost({ shape }: { shape: Shape }) {
  const theme = useTheme(({ shown }) => shown);
  const colour = colourOf('gray', theme, 'stroke');
  // What would show nothing shows its edge.
  const shown = shape.style.stroke === 'none' || shape.kind === 'frame' ? { ...shape, style: { ...shape.style, stroke: colour, strokeWidth: 1 } } : shape;
  return (
    <svg className="pointer-events-none absolute overflow-visible" width="1" height="1" opacity={shape.style.opacity}>
      <Marks marks={shapeMarks(shown, { theme })} />
    </svg>
  );
}

function Wire() {
  const editor = useEditor();
  const wire = useUi((ui) => ui.wire);
  if (wire === null) return null;
  const way = wayOf({ from: wire.from, to: wire.to, route: wire.route as Connector['route'], points: [] }, (id) => editor.live.shape(id));
  if (way === null) return null;
  return (
    <svg className="pointer-events-none absolute overflow-visible" width="1" height="1">
      <path d={way.path} fill="none" className="stroke-accent" strokeWidth="2" vectorEffect="non-scaling-stroke" />
      <circle cx={way.end[0][0]} cy={way.end[0][1]} r={4} className="fill-accent" />
    </svg>
  );
}

/** The shape that an end would hold on to. */
function Target() {
  const id = useUi((ui) => ui.target);
  return id === null ? null : <TargetBox id={id} />;
}

function TargetBox({ id }: { id: string }) {
  const element = useElement(id);
  if (element?.type !== 'shape') return null;
  return (
    <>
      <Outline box={boundsOf(element)} width={2} />
      {SIDES.map((side) => {
        const [x, y] = sideOf(element, side);
        return <div key={side} className="absolute rounded-full border-accent bg-bg" style={{ left: x, top: y, width: px(8), height: px(8), translate: '-50% -50%', borderWidth: px(1.5), borderStyle: 'solid' }} />;
      })}
    </>
  );
}

function Outline({ box, width = 1, colour, angle = 0 }: { box: Box; width?: number; colour?: string; angle?: number }) {
  return <div className="pointer-events-none absolute border-accent" style={{ ...boxStyle(box), outlineWidth: px(width), outlineStyle: 'solid', outlineColor: colour ?? 'var(--accent)', rotate: angle === 0 ? undefined : `${angle}deg` }} />;
}

/** Where connectors begin: at the sides of the shape under the pointer. */
function Sides() {
  const id = useUi((ui) => (ui.busy === null && ui.editing === null && ui.selection.size <= 1 ? (ui.hover ?? (ui.selection.size === 1 ? ([...ui.selection][0] as string) : null)) : null));
  const tool = useUi((ui) => ui.tool);
  const { mayEdit } = useEditor();
  return id === null || !mayEdit || (tool !== 'select' && tool !== 'connector' && tool !== 'line') ? null : <SideDots id={id} />;
}

function SideDots({ id }: { id: string }) {
  const element = useElement(id);
  // On a shape that is hardly seen they would be all that is.
  const large = useView(({ zoom }) => element?.type === 'shape' && Math.max(...element.size) * zoom >= 32);
  if (element?.type !== 'shape' || element.kind === 'draw' || element.locked || !large) return null;
  return SIDES.map((side) => {
    const [x, y] = sideOf(element, side);
    const [dx, dy] = outOf(element, side);
    return (
      <div
        key={side}
        data-handle={`side:${side}`}
        data-of={id}
        className={`group pointer-events-auto absolute flex cursor-crosshair items-center justify-center ${reach}`}
        style={{ left: x, top: y, width: px(20), height: px(20), translate: `calc(-50% + ${dx * 14}px / var(--zoom)) calc(-50% + ${dy * 14}px / var(--zoom))` }}
      >
        <span className="block rounded-full border-accent bg-bg group-hover:bg-accent" style={{ width: px(9), height: px(9), borderWidth: px(1.5), borderStyle: 'solid' }} />
      </div>
    );
  });
}

function Chosen() {
  const selection = useUi((ui) => ui.selection);
  const editing = useUi((ui) => ui.editing);
  const marquee = useUi((ui) => ui.marquee !== null);
  if (selection.size === 0) return null;
  const [first] = selection;
  if (selection.size === 1) return <One key={first} id={first as string} quiet={editing !== null || marquee} />;
  return <Many ids={selection} quiet={marquee} />;
}

const CURSORS: Record<string, string> = { n: 'ns-resize', s: 'ns-resize', e: 'ew-resize', w: 'ew-resize', ne: 'nesw-resize', sw: 'nesw-resize', nw: 'nwse-resize', se: 'nwse-resize' };
const CORNERS: [string, number, number][] = [['nw', 0, 0], ['ne', 1, 0], ['se', 1, 1], ['sw', 0, 1]];
const EDGES: [string, number, number][] = [['n', 0.5, 0], ['e', 1, 0.5], ['s', 0.5, 1], ['w', 0, 0.5]];

function Handles({ turns }: { turns: boolean }) {
  return (
    <>
      {EDGES.map(([name, x, y]) => (
        <div
          key={name}
          data-handle={`size:${name}`}
          className="pointer-events-auto absolute"
          style={{
            left: `${x * 100}%`,
            top: `${y * 100}%`,
            width: name === 'n' || name === 's' ? '100%' : px(9),
            height: name === 'n' || name === 's' ? px(9) : '100%',
            translate: '-50% -50%',
            cursor: CURSORS[name],
          }}
        />
      ))}
      {CORNERS.map(([name, x, y]) => (
        <div
          key={name}
          data-handle={`size:${name}`}
          className={`pointer-events-auto absolute border-accent bg-bg ${reach}`}
          style={{ left: `${x * 100}%`, top: `${y * 100}%`, width: px(9), height: px(9), translate: '-50% -50%', borderWidth: px(1.25), borderStyle: 'solid', borderRadius: px(2), cursor: CURSORS[name] }}
        />
      ))}
      {turns && (
        <div
          data-handle="rotate"
          className={`pointer-events-auto absolute flex cursor-grab items-center justify-center ${reach}`}
          style={{ left: '100%', top: 0, width: px(20), height: px(20), translate: `calc(-50% + 16px / var(--zoom)) calc(-50% - 16px / var(--zoom))` }}
        >
          <span className="block rounded-full border-accent bg-bg" style={{ width: px(9), height: px(9), borderWidth: px(1.25), borderStyle: 'solid' }} />
        </div>
      )}
    </>
  );
}

function One({ id, quiet }: { id: string; quiet: boolean }) {
  const { mayEdit } = useEditor();
  const element = useElement(id);
  const busy = useUi((ui) => ui.busy);
  if (element === undefined) return null;
  if (element.type === 'connector') return <Ends connector={element} quiet={quiet || !mayEdit || element.locked} />;
  const { at: [x, y], size: [w, h], angle, locked } = element;
  return (
    <div className="pointer-events-none absolute" style={{ ...boxStyle({ x, y, w, h }), rotate: angle === 0 ? undefined : `${angle}deg`, outlineWidth: px(1.5), outlineStyle: locked ? 'dashed' : 'solid', outlineColor: 'var(--accent)' }}>
      {!quiet && mayEdit && !locked && busy !== 'move' && <Handles turns={element.kind !== 'frame' && element.kind !== 'card'} />}
    </div>
  );
}

/** The ends of a connector, and where it is bent. */
function Ends({ connector, quiet }: { connector: Connector; quiet: boolean }) {
  const way = useWay(connector.id);
  if (way === null) return null;
  const bends = connector.route === 'orthogonal' ? [] : connector.points;
  const stops: Point[] = [way.start[0], ...bends, way.end[0]];
  const dot = `pointer-events-auto absolute rounded-full border-accent ${reach}`;
  return (
    <>
      <svg className="pointer-events-none absolute overflow-visible" width="1" height="1">
        <path d={way.path} fill="none" className="stroke-accent" strokeWidth="1.5" vectorEffect="non-scaling-stroke" strokeDasharray={connector.locked ? '4 3' : undefined} />
      </svg>
      {!quiet && (
        <>
          {connector.route !== 'orthogonal' &&
            stops.slice(1).map((next, index) => {
              const before = stops[index] as Point;
              return (
                <div key={`add${index}`} data-handle={`add:${index}`} data-of={connector.id} className={`${dot} cursor-grab bg-bg opacity-70`} style={{ left: (before[0] + next[0]) / 2, top: (before[1] + next[1]) / 2, width: px(8), height: px(8), translate: '-50% -50%', borderWidth: px(1), borderStyle: 'dashed' }} />
              );
            })}
          {bends.map(([x, y], index) => (
            <div key={`bend${index}`} data-handle={`bend:${index}`} data-of={connector.id} className={`${dot} cursor-grab bg-bg`} style={{ left: x, top: y, width: px(10), height: px(10), translate: '-50% -50%', borderWidth: px(1.5), borderStyle: 'solid' }} />
          ))}
          {(['from', 'to'] as const).map((which) => {
            const [x, y] = (which === 'from' ? way.start : way.end)[0];
            return (
              <div key={which} data-handle={`end:${which}`} data-of={connector.id} className={`${dot} cursor-crosshair bg-bg`} style={{ left: x, top: y, width: px(12), height: px(12), translate: '-50% -50%', borderWidth: px(2), borderStyle: 'solid' }} />
            );
          })}
        </>
      )}
    </>
  );
}

/** Renews with everything that moves. */
function useLiveAll(): void {
  const { live } = useEditor();
  useSyncExternalStore(
    (listener) => live.listen(listener),
    () => live.version,
  );
}

function Many({ ids, quiet }: { ids: ReadonlySet<string>; quiet: boolean }) {
  const { live, mayEdit } = useEditor();
  useLiveAll();
  const elements = [...ids].flatMap((id) => live.element(id) ?? []);
  const shapes = elements.filter((one): one is Shape => one.type === 'shape');
  const box = union(shapes.map(boundsOf));
  return (
    <>
      {elements.length <= 200 &&
        elements.map((one) => {
          const at = one.type === 'shape' ? null : live.way(one.id);
          if (one.type === 'shape') return <Outline key={one.id} box={{ x: one.at[0], y: one.at[1], w: one.size[0], h: one.size[1] }} angle={one.angle} />;
          return at === null ? null : (
            <svg key={one.id} className="pointer-events-none absolute overflow-visible" width="1" height="1">
              <path d={at.path} fill="none" className="stroke-accent" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
            </svg>
          );
        })}
      {box !== null && (
        <div className="pointer-events-none absolute" style={{ ...boxStyle(box), outlineWidth: px(1), outlineStyle: 'dashed', outlineColor: 'var(--accent)', outlineOffset: px(4) }}>
          {!quiet && mayEdit && <Handles turns={false} />}
        </div>
      )}
    </>
  );
}

/** What others have chosen, and what they are drawing. */
function Peers() {
  const editor = useEditor();
  const peers = useStore(editor.presence.peers);
  useLiveAll();
  return peers.map(({ client, person, selection, drawing }) => (
    <div key={client} className="contents">
      {selection.slice(0, 50).map((id) => {
        const element = editor.live.element(id);
        if (element?.type === 'shape') return <Outline key={id} box={grown({ x: element.at[0], y: element.at[1], w: element.size[0], h: element.size[1] }, 2)} width={1.5} colour={person.colour} angle={element.angle} />;
        const way = element === undefined ? null : editor.live.way(id);
        return way === null ? null : (
          <svg key={id} className="pointer-events-none absolute overflow-visible" width="1" height="1">
            <path d={way.path} fill="none" stroke={person.colour} strokeWidth="3" opacity="0.5" vectorEffect="non-scaling-stroke" />
          </svg>
        );
      })}
      {drawing !== null && <Ghost shape={drawing} />}
    </div>
  ));
}
