import { useNavigate } from '@tanstack/react-router';
import { Keyboard, LogOut, Monitor, Moon, Sun, User as UserIcon } from 'lucide-react';
import { t } from '@/texts';
import { MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/ui/menu';
import { keysLabel } from './keys';
import { show } from './overlay';
import { useTheme } from './theme';

/** What the menu of one's account offers. */
export default function AccountEntries() {
  const theme = useTheme();
  const navigate = useNavigate();
  return (
    <>
      <MenuItem icon={<UserIcon aria-hidden />} hint={keysLabel('g a')} onClick={() => void navigate({ to: '/account' })}>
        {t.nav.account}
      </MenuItem>
      <MenuItem icon={<Keyboard aria-hidden />} hint={keysLabel('?')} onClick={() => show({ kind: 'shortcuts' })}>
        {t.palette.shortcuts}
      </MenuItem>
      <MenuLine />
      <MenuLabel>{t.nav.theme}</MenuLabel>
      <MenuChoice
        label={t.nav.theme}
        value={theme.theme}
        options={[
          { value: 'system', label: t.nav.themes.system, icon: <Monitor aria-hidden /> },
          { value: 'light', label: t.nav.themes.light, icon: <Sun aria-hidden /> },
          { value: 'dark', label: t.nav.themes.dark, icon: <Moon aria-hidden /> },
        ]}
        onChange={theme.set}
      />
      <MenuLine />
      <MenuItem icon={<LogOut aria-hidden />} onClick={() => show({ kind: 'signOut' })}>
        {t.nav.signOut}
      </MenuItem>
    </>
  );
}
