/**
 * The language tag (BCP 47) that dates and numbers are shown in: the language of the texts, in the region that the browser is set
 * to. Somebody who reads English in Britain gets "21 Nov", in the United States "Nov 21".
 */
export function locale(): string {
  const spoken = (document.documentElement.lang || 'en').split('-')[0];
  return navigator.languages.find((tag) => tag.split('-')[0] === spoken) ?? (spoken as string);
}
