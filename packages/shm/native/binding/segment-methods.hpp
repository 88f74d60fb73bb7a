#pragma once

#include "segment-object.hpp"

// The methods of a NativeSegment, as addon-types.ts describes them. A segment
// that was closed answers by itself where it is asked for a status; what looks
// into the memory asks first whether it is there.

namespace rmq::binding::segment {

using Self = SegmentObject;

// segment-writing.cpp
napi_value put(napi_env env, Self& self, napi_value* arguments);
napi_value loan(napi_env env, Self& self, napi_value* arguments);
napi_value commit(napi_env env, Self& self, napi_value* arguments);
napi_value discard(napi_env env, Self& self, napi_value* arguments);
napi_value reject(napi_env env, Self& self, napi_value* arguments);

// segment-reading.cpp
napi_value read(napi_env env, Self& self, napi_value* arguments);
napi_value readInto(napi_env env, Self& self, napi_value* arguments);
napi_value readOne(napi_env env, Self& self, napi_value* arguments);
napi_value sequences(napi_env env, Self& self, napi_value* arguments);
napi_value times(napi_env env, Self& self, napi_value* arguments);

// segment-queueing.cpp
napi_value putItem(napi_env env, Self& self, napi_value* arguments);
napi_value putSmall(napi_env env, Self& self, napi_value* arguments);
napi_value putItems(napi_env env, Self& self, napi_value* arguments);
napi_value putPacked(napi_env env, Self& self, napi_value* arguments);
napi_value takeItem(napi_env env, Self& self, napi_value* arguments);
napi_value takePacked(napi_env env, Self& self, napi_value* arguments);
napi_value snapshot(napi_env env, Self& self, napi_value* arguments);
napi_value depth(napi_env env, Self& self, napi_value* arguments);

// segment-leasing.cpp
napi_value lease(napi_env env, Self& self, napi_value* arguments);
napi_value takeLeased(napi_env env, Self& self, napi_value* arguments);
napi_value leaseBytes(napi_env env, Self& self, napi_value* arguments);
napi_value unlease(napi_env env, Self& self, napi_value* arguments);

// segment-waiting.cpp
napi_value setBell(napi_env env, Self& self, napi_value* arguments);
napi_value arm(napi_env env, Self& self, napi_value* arguments);
napi_value disarm(napi_env env, Self& self, napi_value* arguments);
napi_value armSpace(napi_env env, Self& self, napi_value* arguments);
napi_value disarmSpace(napi_env env, Self& self, napi_value* arguments);
napi_value spin(napi_env env, Self& self, napi_value* arguments);
napi_value retire(napi_env env, Self& self, napi_value* arguments);
napi_value isRetired(napi_env env, Self& self, napi_value* arguments);

// segment-looking.cpp
napi_value nextSequence(napi_env env, Self& self, napi_value* arguments);
napi_value oldestSequence(napi_env env, Self& self, napi_value* arguments);
napi_value state(napi_env env, Self& self, napi_value* arguments);
napi_value participants(napi_env env, Self& self, napi_value* arguments);
napi_value reap(napi_env env, Self& self, napi_value* arguments);
napi_value stalledPid(napi_env env, Self& self, napi_value* arguments);
napi_value isNamed(napi_env env, Self& self, napi_value* arguments);
napi_value unlink(napi_env env, Self& self, napi_value* arguments);

}  // namespace rmq::binding::segment
