/** The language tag (BCP 47) that dates, numbers and texts are shown in. */
export const locale = (): string => document.documentElement.lang || 'en';
