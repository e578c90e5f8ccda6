import '@/texts/en/account';
import { t } from '@/texts';
import { Page } from '@/ui/page';
import { Appearance } from './appearance';
import { Password } from './password';
import { Profile } from './profile';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

export function AccountPage() {
  return (
    <Page title={t.account.title}>
      <Profile />
      <Appearance />
      <Password />
      <Sessions />
      <Tokens />
    </Page>
  );
}
