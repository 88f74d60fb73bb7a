#include "follower-object.hpp"

#include <iterator>

#include "native-object.hpp"
#include "record-sinks.hpp"

namespace rmq::binding {
namespace {

using ring::Status;

napi_value next(napi_env env, FollowerObject& self, napi_value*) {
  OneRecord sink(env, self.segment);
  const Status s = self.subscriber.next(sink);
  if (s != Status::ok) return status(env, s);
  self.segment.info->lost = static_cast<double>(self.subscriber.lostBefore());
  return sink.payload();
}

napi_value nextLease(napi_env env, FollowerObject& self, napi_value*) {
  ring::Lease lease;
  const Status s = self.subscriber.nextLease(lease);
  if (s == Status::ok) {
    self.segment.hold(lease);
    self.segment.info->lost = static_cast<double>(self.subscriber.lostBefore());
  }
  return status(env, s);
}

napi_value skipToNewest(napi_env, FollowerObject& self, napi_value*) {
  if (self.segment.isOpen()) self.subscriber.skipToNewest();
  return nullptr;
}

napi_value cursor(napi_env env, FollowerObject& self, napi_value*) {
  return number(env, self.subscriber.cursor());
}

napi_value counts(napi_env env, FollowerObject& self, napi_value*) {
  const ring::Subscriber::Ledger& ledger = self.subscriber.ledger();
  const double cells[] = {static_cast<double>(ledger.received), static_cast<double>(ledger.lost),
                          static_cast<double>(ledger.skipped)};
  return numbers(env, cells, std::size(cells));
}

constexpr Method kMethods[] = {
    {"next", method<FollowerObject, 0, next>},
    {"nextLease", method<FollowerObject, 0, nextLease>},
    {"skipToNewest", method<FollowerObject, 0, skipToNewest>},
    {"cursor", method<FollowerObject, 0, cursor>},
    {"counts", method<FollowerObject, 0, counts>},
};

}  // namespace

napi_value FollowerObject::create(napi_env env, SegmentObject& segment, uint64_t start) {
  const napi_value object = makeObject(env, new FollowerObject(segment, start), kMethods);
  const napi_property_descriptor over = {"segment", nullptr, nullptr, nullptr, nullptr, segment.object(env),
                                         napi_default, nullptr};
  if (object == nullptr || napi_define_properties(env, object, 1, &over) != napi_ok) return nullptr;
  return object;
}

}  // namespace rmq::binding
