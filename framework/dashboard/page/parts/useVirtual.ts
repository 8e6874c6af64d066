import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

export interface VirtualOptions {
  readonly count: number;
  /** In pixels. */
  readonly size: (index: number) => number;
  readonly horizontal?: boolean;
  readonly overscan?: number;
  /** What sticks to the start of the scrolled element, in pixels. */
  readonly stuckStart?: number;
}

export interface Virtual {
  readonly items: readonly VirtualItem[];
  readonly totalSize: number;
  readonly scrollTo: (index: number) => void;
}

/** Which of many rows or columns stand in the visible part of a scrolled element. */
export function useVirtual(
  element: RefObject<HTMLElement | null>,
  { count, size, horizontal = false, overscan = 6, stuckStart = 0 }: VirtualOptions,
): Virtual {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(optionsOf()));
  function optionsOf() {
    return {
      count,
      estimateSize: size,
      horizontal,
      overscan,
      scrollPaddingStart: stuckStart,
      getScrollElement: () => element.current,
      scrollToFn: elementScroll<HTMLElement>,
      observeElementRect: observeElementRect<HTMLElement>,
      observeElementOffset: observeElementOffset<HTMLElement>,
      onChange: () => redraw(undefined),
    };
  }
  virtualizer.setOptions(optionsOf());
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    items: virtualizer.getVirtualItems(),
    totalSize: virtualizer.getTotalSize(),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: "auto" }),
  };
}
