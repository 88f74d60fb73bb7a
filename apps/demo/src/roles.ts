import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Python } from '@rmq/app-kit'
import type { Phase } from './phase.ts'

/** A program of the demo and how it is started. */
export interface Role {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Endpoints {
  readonly camera: string
  readonly robot: string
  readonly policy: string
}

const CAMERA = fileURLToPath(import.meta.resolve('@rmq/app-camera/main'))
const ROBOT = fileURLToPath(import.meta.resolve('@rmq/app-robot/main'))
const POLICY = fileURLToPath(import.meta.resolve('@rmq/app-policy/main'))
const CONTROLLER = fileURLToPath(new URL('./roles/controller-main.js', import.meta.url))
const VIEWER = fileURLToPath(new URL('./roles/viewer-main.js', import.meta.url))
const BRAKE = fileURLToPath(new URL('./roles/brake-main.js', import.meta.url))
const JOINT_LOGGER = fileURLToPath(new URL('./roles/joint-logger-main.js', import.meta.url))
const PYTHON_POLICY = fileURLToPath(import.meta.resolve('@rmq/app-policy/python/policy_server.py'))
const PYTHON_CONTROLLER = fileURLToPath(new URL('../python/controller.py', import.meta.url))

const TIED = '--until-stdin-closes'

/**
 * @param pictureOptions the camera's own options that choose the picture
 * @param firstFrame the number of its first frame
 */
export function cameraRole({ camera }: Endpoints, pictureOptions: readonly string[], firstFrame: number): Role {
  return node('camera', CAMERA, '--endpoint', camera, '--report', '--first-frame', `${firstFrame}`, ...pictureOptions)
}

export function viewerRole({ camera }: Endpoints): Role {
  return node('viewer', VIEWER, '--camera', camera)
}

export function robotRole({ robot }: Endpoints): Role {
  return node('robot', ROBOT, '--endpoint', robot, '--report')
}

/** @param pid of the process that it stops */
export function brakeRole(pid: number | undefined): Role {
  return node('brake', BRAKE, '--pid', `${pid}`)
}

export function jointLoggerRole({ robot }: Endpoints): Role {
  return node('joint logger', JOINT_LOGGER, '--robot', robot)
}

export function policyRole({ policy }: Endpoints, language: Phase['policy'], runtime: Python | undefined): Role {
  const args = ['--endpoint', policy, '--report']
  return language === 'Python' ? python('policy', runtime, PYTHON_POLICY, ...args) : node('policy', POLICY, ...args)
}

export function controllerRole(peers: Endpoints, language: Phase['controller'], runtime: Python | undefined): Role {
  const args = ['--camera', peers.camera, '--robot', peers.robot, '--policy', peers.policy]
  return language === 'Python'
    ? python('controller', runtime, PYTHON_CONTROLLER, ...args)
    : node('controller', CONTROLLER, ...args)
}

function node(name: string, file: string, ...args: readonly string[]): Role {
  return { name, command: process.execPath, args: [file, ...args, TIED] }
}

function python(name: string, runtime: Python | undefined, file: string, ...args: readonly string[]): Role {
  if (runtime === undefined) throw new Error(`the ${name} is a Python program and there is no Python`)
  const env = {
    // The controller checks the answers with the policy's own module.
    PYTHONPATH: path.dirname(PYTHON_POLICY),
    PYTHONDONTWRITEBYTECODE: '1',
  }
  return { name, command: runtime.file, args: [file, ...args, TIED], env }
}
