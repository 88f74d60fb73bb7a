#pragma once

#include "segment-object.hpp"
#include "subscriber.hpp"

namespace rmq::binding {

// NativeFollower: a cursor over a segment. The JavaScript object refers to the
// segment's, so the two die together and neither is used after that.
class FollowerObject {
 public:
  FollowerObject(SegmentObject& over, uint64_t start) : segment(over), subscriber(over.ring(), start) {}

  static napi_value create(napi_env env, SegmentObject& segment, uint64_t start);
  void collected(napi_env) {}

  SegmentObject& segment;
  ring::Subscriber subscriber;
};

}  // namespace rmq::binding
