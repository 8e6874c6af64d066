/** Four significant digits. */
export const formatNumber = (value: number): string => String(Number(value.toPrecision(4)));
