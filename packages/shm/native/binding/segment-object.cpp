#include "segment-object.hpp"

#include <iterator>

#include "arguments.hpp"
#include "follower-object.hpp"
#include "native-object.hpp"
#include "results.hpp"
#include "segment-methods.hpp"

namespace rmq::binding {
namespace {

// `info` and `small`: memory of ours rather than V8's, which could be transferred away.
template <class Cells>
napi_value sharedArray(napi_env env, bool zeroCopy, napi_typedarray_type type, size_t length,
                       std::shared_ptr<Cells>& cells) {
  napi_value buffer = nullptr;
  napi_value array = nullptr;
  if (zeroCopy) {
    cells = std::make_shared<Cells>();
    auto* share = new std::shared_ptr<Cells>(cells);
    const auto release = [](napi_env, void*, void* s) { delete static_cast<std::shared_ptr<Cells>*>(s); };
    if (napi_create_external_arraybuffer(env, cells.get(), sizeof(Cells), release, share, &buffer) != napi_ok) {
      delete share;
      return nullptr;
    }
  } else {
    void* data = nullptr;
    if (napi_create_arraybuffer(env, sizeof(Cells), &data, &buffer) != napi_ok) return nullptr;
    cells = std::shared_ptr<Cells>(new (data) Cells{}, [](Cells*) {});
  }
  napi_create_typedarray(env, type, length, buffer, 0, &array);
  return array;
}

napi_property_descriptor constant(const char* name, napi_value value) {
  return {name, nullptr, nullptr, nullptr, nullptr, value, napi_enumerable, nullptr};
}

napi_value followSegment(napi_env env, SegmentObject& self, napi_value* arguments) {
  double start;
  if (!readNumber(env, arguments[0], 1, kMaxSafeInteger, start, "start must be a sequence number")) return nullptr;
  return FollowerObject::create(env, self, static_cast<uint64_t>(start));
}

napi_value closeSegment(napi_env env, SegmentObject& self, napi_value*) {
  self.close(env);
  return nullptr;
}

template <size_t count, napi_value (*body)(napi_env, SegmentObject&, napi_value*)>
constexpr Method segmentMethod(const char* name) {
  return {name, method<SegmentObject, count, body>};
}

constexpr Method kMethods[] = {
    segmentMethod<2, segment::put>("put"),
    segmentMethod<1, segment::loan>("loan"),
    segmentMethod<3, segment::commit>("commit"),
    segmentMethod<1, segment::discard>("discard"),
    segmentMethod<1, segment::reject>("reject"),
    segmentMethod<3, segment::putItem>("putItem"),
    segmentMethod<3, segment::putSmall>("putSmall"),
    segmentMethod<3, segment::putItems>("putItems"),
    segmentMethod<2, segment::putPacked>("putPacked"),
    segmentMethod<2, segment::takeItem>("takeItem"),
    segmentMethod<2, segment::takePacked>("takePacked"),
    segmentMethod<1, segment::snapshot>("snapshot"),
    segmentMethod<0, segment::depth>("depth"),
    segmentMethod<2, segment::read>("read"),
    segmentMethod<2, segment::readInto>("readInto"),
    segmentMethod<2, segment::readOne>("readOne"),
    segmentMethod<1, segment::sequences>("sequences"),
    segmentMethod<0, segment::times>("times"),
    segmentMethod<1, segment::lease>("lease"),
    segmentMethod<1, segment::takeLeased>("takeLeased"),
    segmentMethod<1, segment::leaseBytes>("leaseBytes"),
    segmentMethod<1, segment::unlease>("unlease"),
    segmentMethod<1, followSegment>("follow"),
    segmentMethod<1, segment::setBell>("setBell"),
    segmentMethod<1, segment::arm>("arm"),
    segmentMethod<0, segment::disarm>("disarm"),
    segmentMethod<0, segment::armSpace>("armSpace"),
    segmentMethod<0, segment::disarmSpace>("disarmSpace"),
    segmentMethod<2, segment::spin>("spin"),
    segmentMethod<0, segment::retire>("retire"),
    segmentMethod<0, segment::isRetired>("isRetired"),
    segmentMethod<0, segment::nextSequence>("nextSequence"),
    segmentMethod<0, segment::oldestSequence>("oldestSequence"),
    segmentMethod<0, segment::state>("state"),
    segmentMethod<0, segment::participants>("participants"),
    segmentMethod<0, segment::reap>("reap"),
    segmentMethod<0, segment::stalledPid>("stalledPid"),
    segmentMethod<0, segment::isNamed>("isNamed"),
    segmentMethod<0, segment::unlink>("unlink"),
    segmentMethod<0, closeSegment>("close"),
};

}  // namespace

SegmentObject::SegmentObject(Environment& environment, std::unique_ptr<ring::Attachment> attachment)
    : Tenant(environment),
      mapping(attachment->mapping()),
      zeroCopy(environment.zeroCopy),
      attachment_(std::move(attachment)) {}

napi_value SegmentObject::create(napi_env env, std::unique_ptr<ring::Attachment> attachment) {
  Environment& environment = Environment::of(env);
  auto* self = new SegmentObject(environment, std::move(attachment));
  const bool queue = self->ring().geometry().mode == ring::kModeQueue;
  const napi_value array = sharedArray(env, self->zeroCopy, napi_float64_array, kInfoCells, self->info);
  napi_value small = nullptr;
  napi_get_undefined(env, &small);
  if (array != nullptr && queue) small = sharedArray(env, self->zeroCopy, napi_uint8_array, kPackedBytes, self->small);
  if (array == nullptr || small == nullptr) {
    delete self;
    return nullptr;
  }
  const napi_value object = makeObject(env, self, kMethods, &self->object_);
  if (object == nullptr) return nullptr;
  const std::string_view text = self->attachment().description();
  const ring::Geometry& geometry = self->ring().geometry();
  napi_value description;
  napi_create_string_utf8(env, text.data(), text.size(), &description);
  const napi_property_descriptor constants[] = {
      constant("info", array),
      constant("small", small),
      constant("queue", boolean(env, queue)),
      constant("maxRecords", number(env, uint64_t{geometry.maxRecords})),
      constant("description", description),
      constant("totalBytes", number(env, geometry.totalBytes)),
      constant("capacityBytes", number(env, geometry.arenaBytes)),
      constant("maxRecordBytes", number(env, geometry.maxRecordBytes)),
  };
  return napi_define_properties(env, object, std::size(constants), constants) == napi_ok ? object : nullptr;
}

napi_value SegmentObject::object(napi_env env) const {
  napi_value object = nullptr;
  napi_get_reference_value(env, object_, &object);
  return object;
}

void SegmentObject::hold(const ring::Lease& lease) {
  leases[lease.slot].lease = lease;
  describe(lease.record);
  info->slot = static_cast<double>(lease.slot);
}

void SegmentObject::close(napi_env env) {
  for (HeldLease& held : leases) held.view.revoke(env);
  for (OpenLoan& open : loans) open.view.revoke(env);
  moveOut();
}

void SegmentObject::moveOut() {
  attachment_->close();
  mapping.reset();
  for (HeldLease& held : leases) held.lease = ring::Lease{};
  for (OpenLoan& open : loans) open.loan = ring::Loan{};
}

void SegmentObject::collected(napi_env env) {
  if (isOpen()) return close(env);
  for (HeldLease& held : leases) held.view.forget(env);
  for (OpenLoan& open : loans) open.view.forget(env);
}

}  // namespace rmq::binding
