/** Marks of a drawing as SVG elements. */
import type { Mark } from './drawing';
import { rules } from './rules';

export function Marks({ marks }: { marks: readonly Mark[] }) {
  return marks.map((mark, index) => {
    switch (mark.type) {
      case 'path':
        return (
          <path
            key={index}
            d={mark.d}
            fill={mark.fill}
            stroke={mark.stroke}
            strokeWidth={mark.width}
            strokeDasharray={mark.dashes || undefined}
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        );
      case 'text':
        return (
          <text key={index} x={mark.x} y={mark.y} fontSize={mark.size} fontWeight={mark.bold ? 700 : undefined} textAnchor={mark.anchor} fill={mark.color} fontFamily={rules.font.family} className="whitespace-pre">
            {mark.text}
          </text>
        );
      case 'box':
        return <rect key={index} x={mark.box.x} y={mark.box.y} width={mark.box.w} height={mark.box.h} rx={3} fill={mark.fill} />;
      case 'image':
        return <image key={index} x={mark.box.x} y={mark.box.y} width={mark.box.w} height={mark.box.h} href={mark.href} preserveAspectRatio="none" />;
    }
  });
}
