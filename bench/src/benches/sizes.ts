/** Payloads that robots send. */
export interface Size {
  readonly label: string
  readonly bytes: number
}

export const SMALL: Size = { label: '64B', bytes: 64 }
/** A camera picture of 640 x 480 in rgb. */
export const VGA: Size = { label: '0.92MB', bytes: 640 * 480 * 3 }
/** A camera picture of 1280 x 720 in rgb. */
export const HD: Size = { label: '2.76MB', bytes: 1280 * 720 * 3 }
/** A large tensor or point cloud. */
export const LARGE: Size = { label: '76MB', bytes: 76_000_000 }
