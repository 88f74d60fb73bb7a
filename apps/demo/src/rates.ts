/** What the programs do by themselves. */
export const CAMERA_HZ = 30
export const JOINTS_HZ = 500
