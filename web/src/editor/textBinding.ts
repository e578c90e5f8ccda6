/** Keeps a text field and a Y.Text the same, whoever types. */
import * as Y from 'yjs';
import { diffText, mapCaret, Positions, type Delta } from '@/collab/text';

type Field = HTMLTextAreaElement | HTMLInputElement;

export interface TextBindingOptions {
  /** The origin of the field's own transactions, which an undo manager may track. */
  origin: unknown;
  /** The text may have several lines. */
  multiline?: boolean;
  /** Called after the field's value changed, by anybody. */
  onChange?: (value: string) => void;
}

/**
 * Local edits become one minimal splice each; remote edits keep the caret and the scroll position. While an input method
 * composes, the field isn't touched: remote edits are noted, and the composed text is placed relative to them at the end.
 */
export class TextBinding {
  /** What the field shows, as far as the document knows. */
  #shown: string;
  #composing = false;
  #positions: Positions | null = null;

  constructor(
    readonly field: Field,
    readonly text: Y.Text,
    private readonly options: TextBindingOptions,
  ) {
    this.#shown = text.toString();
    field.value = this.#shown;
    options.onChange?.(this.#shown);
    text.observe(this.#onText);
    field.addEventListener('input', this.#onInput);
    field.addEventListener('compositionstart', this.#onCompositionStart);
    field.addEventListener('compositionend', this.#onCompositionEnd);
    field.addEventListener('blur', this.#onCompositionEnd);
  }

  destroy(): void {
    this.#onCompositionEnd();
    this.text.unobserve(this.#onText);
    this.field.removeEventListener('input', this.#onInput);
    this.field.removeEventListener('compositionstart', this.#onCompositionStart);
    this.field.removeEventListener('compositionend', this.#onCompositionEnd);
    this.field.removeEventListener('blur', this.#onCompositionEnd);
  }

  #onCompositionStart = () => {
    this.#composing = true;
    this.#positions = null;
  };

  #onCompositionEnd = () => {
    if (!this.#composing) return;
    this.#composing = false;
    this.#commit();
    this.#positions = null;
    this.#show(this.text.toString(), this.field.selectionStart ?? 0, this.field.selectionEnd ?? 0);
  };

  #onInput = (event: Event) => {
    if (this.#composing || (event as InputEvent).isComposing) return;
    this.#commit();
  };

  /** Writes what the person changed into the document. */
  #commit(): void {
    const { field, text } = this;
    const caret = field.selectionStart ?? field.value.length;
    // In one line, a pasted break becomes a space.
    const value = field.value.replace(/\r\n?|\n/g, this.options.multiline === true ? '\n' : ' ');
    if (value !== field.value) {
      field.value = value;
      field.setSelectionRange(caret, caret);
    }
    const splice = diffText(this.#shown, value, caret);
    if (splice === null) return;
    const splices = this.#positions?.rebase(splice) ?? [splice];
    this.#shown = value;
    const apply = () => {
      for (const { index, remove, insert } of splices) {
        if (remove > 0) text.delete(index, remove);
        if (insert !== '') text.insert(index, insert);
      }
    };
    if (text.doc === null) apply();
    else Y.transact(text.doc, apply, this.options.origin);
    this.options.onChange?.(value);
  }

  #onText = (event: Y.YTextEvent, transaction: Y.Transaction) => {
    const current = this.text.toString();
    // The own edit is shown already.
    if (transaction.origin === this.options.origin && current === this.#shown) return;
    const delta = event.delta as Delta;
    if (this.#composing) {
      this.#positions ??= new Positions(this.#shown.length);
      this.#positions.apply(delta);
      return;
    }
    const { field } = this;
    this.#show(current, mapCaret(field.selectionStart ?? 0, delta), mapCaret(field.selectionEnd ?? 0, delta));
  };

  #show(value: string, start: number, end: number): void {
    const { field } = this;
    this.#shown = value;
    if (field.value !== value) {
      const focused = field.ownerDocument.activeElement === field;
      const { scrollTop, scrollLeft, selectionDirection } = field;
      field.value = value;
      // Setting a selection may move focus in some browsers, so it is set only where the caret shows.
      if (focused) field.setSelectionRange(start, end, selectionDirection ?? 'none');
      field.scrollTop = scrollTop;
      field.scrollLeft = scrollLeft;
    }
    this.options.onChange?.(value);
  }
}
