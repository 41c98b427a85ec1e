export const sendAudio: any = null;
