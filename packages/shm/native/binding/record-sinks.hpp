#pragma once

#include <vector>

#include "payload-memory.hpp"
#include "results.hpp"
#include "segment-object.hpp"

namespace rmq::binding {

// Copies each record into new memory.
class PayloadSink : public ring::RecordSink {
 public:
  explicit PayloadSink(napi_env env) : env_(env) {}
  bool reserve(const ring::Record& record, void** target) final {
    payload_ = newPayload(env_, record.length, target);
    return payload_ != nullptr;
  }
  void reject(const ring::Record&) final {}

 protected:
  napi_env env_;
  napi_value payload_ = nullptr;
};

// One record, described in `info`.
class OneRecord final : public PayloadSink {
 public:
  OneRecord(napi_env env, SegmentObject& segment) : PayloadSink(env), segment_(segment) {}
  void accept(const ring::Record& record) override { segment_.describe(record); }
  napi_value payload() const { return payload_; }

 private:
  SegmentObject& segment_;
};

// Any number of records, described by four numbers each.
class ManyRecords final : public PayloadSink {
 public:
  ManyRecords(napi_env env, SegmentObject& segment) : PayloadSink(env), segment_(segment) {
    napi_create_array(env, &buffers_);
  }
  void accept(const ring::Record& record) override {
    napi_set_element(env_, buffers_, count_++, payload_);
    segment_.describe(record);
    const InfoCells& info = *segment_.info;
    meta_.insert(meta_.end(), {info.sequence, info.timeNs, info.captureNs, info.start});
  }
  uint32_t count() const { return count_; }
  napi_value result() const {
    napi_value object = nullptr;
    napi_create_object(env_, &object);
    napi_set_named_property(env_, object, "buffers", buffers_);
    napi_set_named_property(env_, object, "meta", numbers(env_, meta_.data(), meta_.size()));
    return object;
  }

 private:
  SegmentObject& segment_;
  napi_value buffers_ = nullptr;
  uint32_t count_ = 0;
  std::vector<double> meta_;
};

// One record into memory of the caller; described also where that is too small.
class IntoTarget final : public ring::RecordSink {
 public:
  IntoTarget(SegmentObject& segment, void* target, size_t room) : segment_(segment), target_(target), room_(room) {}
  bool reserve(const ring::Record& record, void** target) override {
    *target = target_;
    if (record.length <= room_) return true;
    segment_.describe(record);
    return false;
  }
  void accept(const ring::Record& record) override { segment_.describe(record); }
  void reject(const ring::Record&) override {}

 private:
  SegmentObject& segment_;
  void* target_;
  size_t room_;
};

// Three numbers of each record, whose bytes it refuses.
class TimesOnly final : public ring::RecordSink {
 public:
  bool reserve(const ring::Record& record, void**) override {
    for (const uint64_t cell : {record.seq, record.monoNs, record.captureNs}) {
      cells_.push_back(static_cast<double>(cell));
    }
    return false;
  }
  void accept(const ring::Record&) override {}
  void reject(const ring::Record&) override {}
  const std::vector<double>& cells() const { return cells_; }

 private:
  std::vector<double> cells_;
};

}  // namespace rmq::binding
