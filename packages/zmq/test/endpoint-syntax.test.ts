import { expect, test } from 'vitest'
import { parseEndpoint } from '../src/endpoint-syntax.ts'

test.each([
  ['ipc:///tmp/a', { scheme: 'ipc', path: '/tmp/a' }],
  ['ipc://relative/a', { scheme: 'ipc', path: 'relative/a' }],
  ['tcp://127.0.0.1:5555', { scheme: 'tcp', host: '127.0.0.1', port: 5555, ipv6: false }],
  ['tcp://*:*', { scheme: 'tcp', host: '*', port: 0, ipv6: false }],
  ['tcp://robot.local:1', { scheme: 'tcp', host: 'robot.local', port: 1, ipv6: false }],
  ['tcp://[::1]:5', { scheme: 'tcp', host: '[::1]', port: 5, ipv6: true }],
])('%s', (endpoint, parsed) => {
  expect(parseEndpoint(endpoint, 'bind')).toEqual(parsed)
})

test.each([
  'ipc://',
  'ipc://*',
  'ipc:///tmp/',
  'ipc://@abstract',
  `ipc:///${'x'.repeat(120)}`,
  'tcp://',
  'tcp://127.0.0.1',
  'tcp://127.0.0.1:',
  'tcp://127.0.0.1:99999',
  'tcp://127.0.0.1:-1',
  'tcp://300.0.0.1:5',
  'tcp://[127.0.0.1]:5',
  'tcp://a b:5',
  'tcp://127.0.0.1:5/x',
  'tcp://127.0.0.1:5;127.0.0.1:6',
])('%s is refused', (endpoint) => {
  expect(() => parseEndpoint(endpoint, 'bind')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})

test.each(['tcp://*:5555', 'tcp://127.0.0.1:0', 'tcp://127.0.0.1:*'])('%s cannot be connected to', (endpoint) => {
  expect(() => parseEndpoint(endpoint, 'connect')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
})
