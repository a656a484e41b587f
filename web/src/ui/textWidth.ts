// SPDX-License-Identifier: Apache-2.0
//
// How wide a text is in the page's own font, whichever the system has.

let context: CanvasRenderingContext2D | null = null;

export function textWidth(text: string, weight = 400): number {
    context ??= document.createElement('canvas').getContext('2d');
    if (context === null) return text.length * 7;
    const { fontFamily, fontSize } = getComputedStyle(document.body);
    context.font = `${weight} ${fontSize} ${fontFamily}`;
    return context.measureText(text).width;
}
