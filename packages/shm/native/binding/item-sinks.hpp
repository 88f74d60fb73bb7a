#pragma once

#include <vector>

#include "payload-memory.hpp"
#include "results.hpp"
#include "segment-object.hpp"

namespace rmq::binding {

// Takes only items of one encoding: another one stays where it is, and `foreign`
// tells so.
class ItemSink : public ring::RecordSink {
 public:
  explicit ItemSink(uint32_t tag) : tag_(tag) {}
  bool reserve(const ring::Record& record, void** target) final {
    foreign = record.crc != tag_;
    return !foreign && provide(record, target);
  }
  bool foreign = false;

 protected:
  virtual bool provide(const ring::Record& record, void** target) = 0;

 private:
  uint32_t tag_;
};

// One item: in `small`, or in memory of its own.
class OneItem final : public ItemSink {
 public:
  OneItem(napi_env env, SegmentObject& segment, uint32_t tag) : ItemSink(tag), env_(env), segment_(segment) {}
  void accept(const ring::Record& record) override { length_ = record.length; }
  void reject(const ring::Record&) override {}
  napi_value result() const { return length_ <= kSmallBytes ? number(env_, length_) : payload_; }

 private:
  bool provide(const ring::Record& record, void** target) override {
    *target = segment_.small->bytes;
    if (record.length <= kSmallBytes) return true;
    payload_ = newPayload(env_, record.length, target);
    return payload_ != nullptr;
  }

  napi_env env_;
  SegmentObject& segment_;
  napi_value payload_ = nullptr;
  uint64_t length_ = 0;
};

// Small ones only, one behind the other in `small`, until the first that is large
// or has no room there.
class PackedItems final : public ItemSink {
 public:
  PackedItems(SmallBytes& small, uint32_t tag) : ItemSink(tag), small_(small) {}
  void accept(const ring::Record& record) override {
    small_.lengths[count_++] = static_cast<uint32_t>(record.length);
    used_ += record.length;
  }
  void reject(const ring::Record&) override {}

 private:
  bool provide(const ring::Record& record, void** target) override {
    if (record.length > kSmallBytes || record.length > kPackedBytes - used_) return false;
    *target = small_.bytes + used_;
    return true;
  }

  SmallBytes& small_;
  size_t used_ = 0;
  uint32_t count_ = 0;
};

// Any number: small ones one behind the other, the others in memory of their own.
class ManyItems final : public ItemSink {
 public:
  ManyItems(napi_env env, uint32_t tag) : ItemSink(tag), env_(env) { napi_create_array(env, &large_); }
  void accept(const ring::Record& record) override {
    if (record.length > kSmallBytes) napi_set_element(env_, large_, largeCount_++, payload_);
    items_.push_back({record.seq, record.length});
  }
  void reject(const ring::Record& record) override {
    if (record.length <= kSmallBytes) packed_.resize(packed_.size() - record.length);
  }
  // Without those before `first`, which are counted in `skippedLarge` where they
  // are in memory of their own. Null, and an exception pending, if there is no memory.
  napi_value result(uint64_t first = 0) const {
    std::vector<double> lengths;
    size_t from = 0;
    uint64_t skippedLarge = 0;
    for (const auto& [seq, length] : items_) {
      if (seq >= first) lengths.push_back(static_cast<double>(length));
      else if (length > kSmallBytes) ++skippedLarge;
      else from += length;
    }
    void* data = nullptr;
    napi_value packed;
    if (napi_create_arraybuffer(env_, packed_.size() - from, &data, &packed) != napi_ok) return nullptr;
    if (packed_.size() > from) std::memcpy(data, packed_.data() + from, packed_.size() - from);
    napi_value object = nullptr;
    napi_create_object(env_, &object);
    napi_set_named_property(env_, object, "packed", packed);
    napi_set_named_property(env_, object, "large", large_);
    napi_set_named_property(env_, object, "skippedLarge", number(env_, skippedLarge));
    napi_set_named_property(env_, object, "lengths", numbers(env_, lengths.data(), lengths.size()));
    return object;
  }

 private:
  bool provide(const ring::Record& record, void** target) override {
    if (record.length > kSmallBytes) {
      payload_ = newPayload(env_, record.length, target);
      return payload_ != nullptr;
    }
    const size_t at = packed_.size();
    packed_.resize(at + record.length);
    *target = packed_.data() + at;
    return true;
  }

  struct Item {
    uint64_t seq;
    uint64_t length;
  };

  napi_env env_;
  napi_value payload_ = nullptr;
  napi_value large_ = nullptr;
  uint32_t largeCount_ = 0;
  std::vector<uint8_t> packed_;
  std::vector<Item> items_;
};

}  // namespace rmq::binding
