export const keys = {
  then: (first: string, second: string) => `${first} then ${second}`,
  names: {
    Control: 'Ctrl',
    Alt: 'Alt',
    Shift: 'Shift',
    Enter: 'Enter',
    Escape: 'Esc',
    Space: 'Space',
    Tab: 'Tab',
    Delete: 'Del',
    Backspace: 'Backspace',
    Home: 'Home',
    End: 'End',
    PageUp: 'Page Up',
    PageDown: 'Page Down',
  },
};
