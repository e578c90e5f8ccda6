/** How what is chosen looks. What differs among it shows no choice. */
import { AlignCenter, AlignLeft, AlignRight, AlignVerticalJustifyCenter, AlignVerticalJustifyEnd, AlignVerticalJustifyStart, Bold, ChevronDown, Palette } from 'lucide-react';
import { useMemo, useState, type ReactNode } from 'react';
import { useTheme } from '@/app/theme';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { Menu, MenuChoice } from '@/ui/menu';
import { useEditor, useScene, useUi } from './context';
import { connectorMarks } from './drawing';
import type { Patch } from './edits';
import { wayOf } from './geometry';
import { Marks } from './marks';
import { colourOf, PALETTE } from './rules';
import { connectorFrom, HEADS, isLink, ROUTES, type Connector, type Element, type Head, type Route, type Shape, type Style } from './schema';

/** The value that all have; undefined if they differ. */
function common<E extends Element, V>(elements: readonly E[], read: (element: E) => V): V | undefined {
  const [first, ...rest] = elements.map(read);
  return rest.every((value) => value === first) ? first : undefined;
}

export function StylePanel() {
  const editor = useEditor();
  const selection = useUi((ui) => ui.selection);
  const marquee = useUi((ui) => ui.marquee !== null || ui.busy === 'draw' || ui.busy === 'wire');
  const [open, setOpen] = useState(false);
  // Where there is little room, one thing at a time lies over the drawing.
  const elsewhere = useUi((ui) => ui.panel !== null || ui.editing !== null);
  useScene();
  const elements = editor.selected;
  if (!editor.mayEdit || selection.size === 0 || marquee || elements.length === 0) return null;
  return (
    <>
      <button
        type="button"
        data-style-toggle
        aria-expanded={open}
        className="pointer-events-auto flex h-9 items-center gap-1.5 rounded-lg border border-line bg-raised px-3 text-sm shadow-float @xl:hidden"
        onClick={() => setOpen((now) => !now)}
      >
        <Palette aria-hidden className="size-4" />
        {t.diagram.style.label}
      </button>
      <section
        aria-label={t.diagram.style.label}
        data-style-panel
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          editor.focus();
        }}
        className={cn('pointer-events-auto w-56 overflow-y-auto rounded-xl border border-line bg-raised p-3 shadow-float @max-xl:absolute @max-xl:inset-x-0 @max-xl:bottom-0 @max-xl:z-20 @max-xl:mx-auto @max-xl:max-h-[48%] @max-xl:w-auto @max-xl:max-w-96', (!open || elsewhere) && '@max-xl:hidden')}
      >
        <Body elements={elements} />
      </section>
    </>
  );
}

function Body({ elements }: { elements: readonly Element[] }) {
  const editor = useEditor();
  const { style: words } = t.diagram;
  const set = (patch: Patch) => editor.style(patch);
  const shapes = elements.filter((one): one is Shape => one.type === 'shape');
  const connectors = elements.filter((one): one is Connector => one.type === 'connector');
  const of = <K extends keyof Style>(key: K) => common(elements, ({ style }) => style[key]);
  const fills = shapes.some(({ kind }) => kind !== 'draw' && kind !== 'image' && kind !== 'text');
  const writes = elements.some((one) => one.type === 'connector' || (one.kind !== 'draw' && one.kind !== 'image'));
  const lines = elements.some((one) => one.type === 'connector' || (one.kind !== 'text' && one.kind !== 'sticky' && one.kind !== 'image'));
  const only = elements.length === 1 ? elements[0] : undefined;
  return (
    <div className="grid gap-3">
      {fills && (
        <Row label={words.fill}>
          <Colours label={words.fill} role="fill" value={common(shapes, ({ style }) => style.fill)} onChange={(fill) => set({ fill })} />
        </Row>
      )}
      {lines && (
        <>
          <Row label={words.stroke}>
            <Colours label={words.stroke} role="stroke" value={of('stroke')} onChange={(stroke) => set({ stroke })} />
          </Row>
          <div className="flex items-center justify-between gap-2">
            <Choices
              label={words.width}
              value={of('strokeWidth')}
              options={[1, 2, 4].map((value) => ({ value, label: words.widths[value] as string, icon: <span className="block w-4 rounded-full bg-current" style={{ height: value }} /> }))}
              onChange={(strokeWidth) => set({ strokeWidth })}
            />
            <Choices
              label={words.dash}
              value={of('strokeStyle')}
              options={(['solid', 'dashed', 'dotted'] as const).map((value) => ({
                value,
                label: words.dashes[value],
                icon: (
                  <svg viewBox="0 0 16 4" className="w-4">
                    <path d="M0 2H16" stroke="currentColor" strokeWidth="2" strokeDasharray={value === 'solid' ? undefined : value === 'dashed' ? '5 3' : '1.5 2.5'} />
                  </svg>
                ),
              }))}
              onChange={(strokeStyle) => set({ strokeStyle })}
            />
          </div>
        </>
      )}
      {connectors.length > 0 && shapes.length === 0 && (
        <>
          <Choices
            label={words.route}
            value={common(connectors, ({ route }) => route)}
            options={ROUTES.map((value) => ({ value, label: words.routes[value], icon: <RouteIcon route={value} /> }))}
            onChange={(route) => set(route === 'orthogonal' ? { route, points: undefined } : { route })}
          />
          <div className="grid grid-cols-2 gap-2">
            <HeadChoice label={words.start} value={common(connectors, ({ start }) => start)} start onChange={(start) => set({ start })} />
            <HeadChoice label={words.end} value={common(connectors, ({ end }) => end)} onChange={(end) => set({ end })} />
          </div>
        </>
      )}
      {writes && (
        <>
          <Row label={words.color}>
            <Colours label={words.color} role="text" value={of('color')} onChange={(color) => set({ color })} />
          </Row>
          <div className="flex items-center justify-between gap-2">
            <Choices
              label={words.size}
              value={of('fontSize')}
              options={[12, 16, 24, 36].map((value, index) => ({ value, label: words.sizes[value] as string, icon: <span style={{ fontSize: 10 + index * 2.5 }}>A</span> }))}
              onChange={(fontSize) => set({ fontSize })}
            />
            <Toggle label={words.bold} on={of('bold') === true} onChange={(bold) => set({ bold: bold || undefined })}>
              <Bold aria-hidden />
            </Toggle>
          </div>
          {shapes.length > 0 && (
            <div className="flex items-center justify-between gap-2">
              <Choices
                label={words.align}
                value={common(shapes, ({ style }) => style.align)}
                options={([['left', <AlignLeft key="" aria-hidden />], ['center', <AlignCenter key="" aria-hidden />], ['right', <AlignRight key="" aria-hidden />]] as const).map(([value, icon]) => ({ value, label: words.aligns[value], icon }))}
                onChange={(align) => set({ align })}
              />
              <Choices
                label={words.valign}
                value={common(shapes, ({ style }) => style.valign)}
                options={([['top', <AlignVerticalJustifyStart key="" aria-hidden />], ['middle', <AlignVerticalJustifyCenter key="" aria-hidden />], ['bottom', <AlignVerticalJustifyEnd key="" aria-hidden />]] as const).map(([value, icon]) => ({ value, label: words.valigns[value], icon }))}
                onChange={(valign) => set({ valign })}
              />
            </div>
          )}
        </>
      )}
      <label className="grid gap-1 text-xs text-muted">
        {words.opacity}
        <input
          type="range"
          min={10}
          max={100}
          step={10}
          value={Math.round((of('opacity') ?? 1) * 100)}
          className="w-full accent-accent"
          onChange={(event) => set({ opacity: Number(event.target.value) === 100 ? undefined : Number(event.target.value) / 100 })}
        />
      </label>
      {only !== undefined && <Particulars key={only.id} element={only} />}
    </div>
  );
}

/** What only one has. */
function Particulars({ element }: { element: Element }) {
  const editor = useEditor();
  const { style: words } = t.diagram;
  const set = (patch: Patch) => editor.edits.patch([element.id], patch);
  if (element.type === 'connector') {
    return (
      <div className="grid grid-cols-2 gap-2">
        <Line label={words.startText} value={element.startText} onChange={(value) => set({ startText: value || undefined })} />
        <Line label={words.endText} value={element.endText} onChange={(value) => set({ endText: value || undefined })} />
      </div>
    );
  }
  return (
    <>
      {element.kind === 'image' && <Line label={words.alt} value={element.alt} onChange={(value) => set({ alt: value || undefined })} />}
      {element.kind !== 'card' && element.kind !== 'frame' && (
        <Line label={words.link} value={element.link ?? ''} placeholder={words.linkPlaceholder} check={(value) => value === '' || isLink(value)} onChange={(value) => set({ link: value || undefined })} />
      )}
    </>
  );
}

function Line({ label, value, placeholder, check, onChange }: { label: string; value: string; placeholder?: string; check?: (value: string) => boolean; onChange: (value: string) => void }) {
  const [wrong, setWrong] = useState(false);
  return (
    <label className="grid min-w-0 gap-1 text-xs text-muted">
      {label}
      <input
        key={value}
        defaultValue={value}
        placeholder={placeholder}
        maxLength={1000}
        aria-invalid={wrong || undefined}
        className="h-7 w-full min-w-0 rounded-md border border-line-strong bg-bg px-2 text-sm text-fg aria-invalid:border-danger"
        onBlur={(event) => {
          const next = event.target.value.trim();
          const good = check?.(next) ?? true;
          setWrong(!good);
          if (good && next !== value) onChange(next);
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <span className="text-xs text-muted">{label}</span>
      {children}
    </div>
  );
}

function Colours({ label, role, value, onChange }: { label: string; role: 'fill' | 'stroke' | 'text'; value: string | undefined; onChange: (value: string) => void }) {
  const theme = useTheme(({ shown }) => shown);
  const { style: words } = t.diagram;
  const swatches = role === 'text' ? PALETTE : [...PALETTE, 'none'];
  const own = value !== undefined && value.startsWith('#');
  return (
    <div role="group" aria-label={label} className="grid grid-cols-6 gap-x-1.5 gap-y-1">
      {swatches.map((word) => {
        const name = word === 'none' ? words.none : (words.colours[word] ?? word);
        return (
          <button
            key={word}
            type="button"
            aria-label={`${label}: ${name}`}
            aria-pressed={value === word}
            title={name}
            className="relative h-6 rounded-md border border-line-strong pointer-coarse:h-8 aria-pressed:outline-2 aria-pressed:outline-offset-1 aria-pressed:outline-accent"
            style={{ backgroundColor: word === 'none' ? undefined : colourOf(word, theme, role) }}
            onClick={() => onChange(word)}
          >
            {word === 'none' && <span aria-hidden className="absolute inset-x-0.5 top-1/2 block h-px -rotate-45 bg-danger" />}
          </button>
        );
      })}
      <label title={words.own} className={cn('relative flex h-6 pointer-coarse:h-8 items-center justify-center overflow-hidden rounded-md border border-line-strong text-muted has-focus-visible:outline-2 has-focus-visible:outline-ring [&_svg]:size-3.5', own && 'outline-2 outline-offset-1 outline-accent')} style={{ backgroundColor: own ? value : undefined }}>
        {!own && <Palette aria-hidden />}
        <input type="color" aria-label={`${label}: ${words.own}`} value={own ? value : '#808080'} className="absolute inset-0 cursor-pointer opacity-0" onChange={(event) => onChange(event.target.value)} />
      </label>
    </div>
  );
}

type Option<V> = { value: V; label: string; icon: ReactNode };

function Choices<V extends string | number>({ label, value, options, onChange }: { label: string; value: V | undefined; options: readonly Option<V>[]; onChange: (value: V) => void }) {
  return (
    <div role="group" aria-label={label} className="flex gap-0.5 rounded-md bg-sunken p-0.5">
      {options.map((option) => (
        <Toggle key={option.value} label={`${label}: ${option.label}`} on={value === option.value} onChange={() => onChange(option.value)}>
          {option.icon}
        </Toggle>
      ))}
    </div>
  );
}

function Toggle({ label, on, onChange, children }: { label: string; on: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={on}
      title={label}
      className="flex h-6 min-w-7 items-center justify-center rounded-sm px-1 pointer-coarse:h-8 pointer-coarse:min-w-9 text-muted hover:bg-hover aria-pressed:bg-raised aria-pressed:text-accent-text aria-pressed:shadow-sm [&_svg]:max-h-4 [&_svg]:max-w-4"
      onClick={() => onChange(!on)}
    >
      {children}
    </button>
  );
}

function RouteIcon({ route }: { route: Route }) {
  const d = { straight: 'M2 13L14 3', orthogonal: 'M2 13H8V3H14', curved: 'M2 13C9 13 7 3 14 3' }[route];
  return (
    <svg viewBox="0 0 16 16" className="size-4">
      <path d={d} fill="none" stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

/** A head as it is drawn, on a short line. */
function HeadIcon({ head, start }: { head: Head; start: boolean }) {
  const theme = useTheme(({ shown }) => shown);
  const marks = useMemo(() => {
    const line = connectorFrom('head', { from: { at: [0, 0] }, to: { at: [34, 0] }, route: 'straight', start: start ? head : 'none', end: start ? 'none' : head, strokeWidth: 1.5 }, '');
    const way = line === null ? null : wayOf(line, () => undefined);
    return line === null || way === null ? [] : connectorMarks(line, way, theme);
  }, [head, start, theme]);
  return (
    <svg viewBox="-2 -8 38 16" className="h-4 w-9" aria-hidden>
      <Marks marks={marks} />
    </svg>
  );
}

function HeadChoice({ label, value, start = false, onChange }: { label: string; value: Head | undefined; start?: boolean; onChange: (value: Head) => void }) {
  const { heads } = t.diagram.style;
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" aria-label={`${label}: ${value === undefined ? '' : heads[value]}`} className="flex h-7 items-center justify-between gap-1 rounded-md border border-line-strong px-2 text-xs hover:bg-hover">
          <span className="text-muted">{label}</span>
          {value === undefined ? <span className="flex-1" /> : <HeadIcon head={value} start={start} />}
          <ChevronDown aria-hidden className="size-3.5 shrink-0 text-faint" />
        </button>
      }
    >
      <MenuChoice label={label} value={value ?? (start ? 'none' : 'arrow')} options={HEADS.map((head) => ({ value: head, label: heads[head], icon: <HeadIcon head={head} start={start} /> }))} onChange={onChange} />
    </Menu>
  );
}
