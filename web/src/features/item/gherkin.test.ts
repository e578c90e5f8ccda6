import { describe, expect, it } from 'vitest';
import { pastedCriteria, slotFrom, TEMPLATE } from './gherkin';

describe('the template', () => {
  it('is walked through slot by slot, both ways', () => {
    const first = slotFrom(TEMPLATE, 0);
    expect(first).toEqual([6, 7]);
    const second = slotFrom(TEMPLATE, 7);
    expect(TEMPLATE.slice(...(second as [number, number]))).toBe('…');
    expect(slotFrom(TEMPLATE, TEMPLATE.length)).toBeNull();
    expect(slotFrom(TEMPLATE, (second as [number, number])[1], true)).toEqual(first);
    expect(slotFrom(TEMPLATE, 7, true)).toBeNull();
    expect(slotFrom('no slots', 0)).toBeNull();
  });
});

describe('a pasted list', () => {
  it('is not one line', () => {
    expect(pastedCriteria('one line')).toBeNull();
    expect(pastedCriteria('one line\n\n')).toBeNull();
  });
  it('loses bullets, numbers and boxes', () => {
    expect(pastedCriteria('- one\r\n* two\n\n3. three\n- [x] four\n  • five')).toEqual([
      { text: 'one', done: false },
      { text: 'two', done: false },
      { text: 'three', done: false },
      { text: 'four', done: true },
      { text: 'five', done: false },
    ]);
  });
  it('joins the steps of a scenario', () => {
    const text = 'Scenario: Offline\n  Given a person without network\n  When they type\n  Then it is kept\n  And shown\nScenario: Empty\nGiven nothing\nThen nothing';
    expect(pastedCriteria(text)?.map((one) => one.text)).toEqual([
      'Offline: Given a person without network, when they type, then it is kept, and shown',
      'Empty: Given nothing, then nothing',
    ]);
  });
});
