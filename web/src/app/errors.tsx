import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { Compass, CloudOff, TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { Button, buttonClass } from '@/ui/button';
import { Empty } from '@/ui/feedback';
import { t } from '@/texts';

/** The server did not answer before anything could be shown. */
export class Unreachable extends Error {}

/** `inside` of another page's frame. */
export function NotFound({ inside = false }: { inside?: boolean }) {
  const Frame = inside ? 'div' : 'main';
  return (
    <Frame className="flex min-h-full items-center justify-center">
      <Empty
        page
        icon={<Compass />}
        title={t.errors.notFoundTitle}
        action={
          <Link to="/" className={buttonClass('primary')}>
            {t.common.home}
          </Link>
        }
      >
        {t.errors.notFoundText}
      </Empty>
    </Frame>
  );
}

export function Crash({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const away = error instanceof Unreachable;
  useEffect(() => {
    if (!away) {
      console.error(error);
      return;
    }
    const again = () => {
      reset();
      void router.invalidate();
    };
    const timer = setInterval(again, 10_000);
    window.addEventListener('online', again);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', again);
    };
  }, [away, error, reset, router]);
  return (
    <main className="flex min-h-full items-center justify-center">
      <Empty
        page
        icon={away ? <CloudOff /> : <TriangleAlert />}
        title={away ? t.errors.offlineTitle : t.errors.crashTitle}
        action={
          away ? (
            <Button
              look="primary"
              onClick={() => {
                reset();
                void router.invalidate();
              }}
            >
              {t.common.retry}
            </Button>
          ) : (
            <Button look="primary" onClick={() => window.location.reload()}>
              {t.errors.reload}
            </Button>
          )
        }
      >
        {away ? t.errors.offlineText : t.errors.crashText}
      </Empty>
    </main>
  );
}
