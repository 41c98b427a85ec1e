export const sendEvents: any = null;
