// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_series.h"

#include <xxhash.h>

#include <algorithm>

#include "ingest/parse/line_text.h"

namespace atlas::ingest {
namespace {

constexpr LineFault kFine{};

constexpr LineFault broken(const char* detail) {
    return {ItemCode::invalid_line, detail};
}

// The blank that ends the key, or the end of the line.
const char* key_end(const char* at) {
    for (;;) {
        at = scan_measurement(at).end;
        if (*at != ',') return at;
        ++at;
    }
}

}  // namespace

LineFault SeriesReader::read(const char*& at) {
    const char* const end = key_end(at);
    const std::string_view raw(at, static_cast<std::size_t>(end - at));
    at = end;
    const bool known = series_.measurement != nullptr && raw == series_.raw;
    if (known) return kFine;
    const LineFault fault = resolve(raw);
    // A key that was rejected or lost a tag is read again each time, so that each of its lines
    // reports it.
    series_.raw = fault.detail == nullptr && series_.refused.empty() ? raw : std::string_view{};
    return fault;
}

LineFault SeriesReader::resolve(std::string_view raw) {
    const char* const end = raw.data() + raw.size();
    const Scan name = scan_measurement(raw.data());
    series_.tags.clear();
    series_.refused.clear();
    tags_.clear();
    const auto name_bytes = static_cast<std::size_t>(name.end - raw.data());
    series_.measurement = &names_.measurement(raw.substr(0, name_bytes), name.escaped);
    if (series_.measurement->fault != nullptr) return broken(series_.measurement->fault);
    series_.raw = raw;
    bool canonical = !name.escaped;
    const LineFault fault = read_tags(name.end, end, canonical);
    if (fault.detail != nullptr) return fault;
    sort_tags(canonical);
    add_tag_points();
    return name_entity(canonical && series_.refused.empty());
}

LineFault SeriesReader::read_tags(const char* at, const char* end, bool& canonical) {
    while (at < end) {
        const Scan key = scan_key(++at);
        if (key.end == at || *key.end != '=') return broken("a tag must have the form name=value");
        const Scan value = scan_key(key.end + 1);
        if (*value.end == '=')
            return broken("an equals sign in a tag must be escaped with a backslash");
        const std::string_view raw_key(at, static_cast<std::size_t>(key.end - at));
        const std::string_view raw_value(key.end + 1,
                                         static_cast<std::size_t>(value.end - key.end - 1));
        canonical = canonical && !key.escaped && !value.escaped;
        const TextRef name = unescape(batch_, raw_key, key.escaped, kKeySpecials);
        at = value.end;
        if (raw_value.empty()) {
            series_.refused.push_back({name, broken("the tag has no value")});
            continue;
        }
        const TextRef text = unescape(batch_, raw_value, value.escaped, kKeySpecials);
        tags_.push_back({name, text, tags_.size()});
        if (tags_.size() > context_.max_points_per_item)
            return broken("the line has too many tags");
    }
    return kFine;
}

void SeriesReader::sort_tags(bool& canonical) {
    const auto less = [this](const Tag& a, const Tag& b) {
        return std::pair(key_of(a), a.place) < std::pair(key_of(b), b.place);
    };
    if (!std::is_sorted(tags_.begin(), tags_.end(), less)) {
        std::sort(tags_.begin(), tags_.end(), less);
        canonical = false;
    }
    const auto same = [this](const Tag& a, const Tag& b) { return key_of(a) == key_of(b); };
    for (auto at = std::adjacent_find(tags_.begin(), tags_.end(), same); at != tags_.end();
         at = std::adjacent_find(at, tags_.end(), same)) {
        series_.refused.push_back({at->key, broken("the tag is given more than once")});
        tags_.erase(at + 1);
    }
}

void SeriesReader::add_tag_points() {
    guesses_.resize(std::max(guesses_.size(), tags_.size()), Batch::kNoName);
    for (std::size_t i = 0; i < tags_.size(); ++i) {
        const std::string_view key = key_of(tags_[i]);
        if (key == "entity") continue;
        if (const char* fault = attribute_name_fault(key); fault != nullptr) {
            series_.refused.push_back({tags_[i].key, {ItemCode::invalid_attribute_name, fault}});
            continue;
        }
        guesses_[i] = batch_.name_id(key, guesses_[i]);
        auto& known = series_.measurement->tags;
        if (std::ranges::find(known, guesses_[i]) == known.end()) known.push_back(guesses_[i]);
        Point point;
        point.kind = Kind::string;
        point.payload = pack(tags_[i].value);
        point.name = guesses_[i];
        point.tag = true;
        series_.tags.push_back(point);
    }
}

void SeriesReader::append_canonical_tags(std::string& out) const {
    for (const Tag& tag : tags_) {
        out += ',';
        append_escaped(out, key_of(tag), kKeySpecials);
        out += '=';
        append_escaped(out, batch_.text(tag.value), kKeySpecials);
    }
}

LineFault SeriesReader::name_entity(bool canonical) {
    const std::string_view name = batch_.text(series_.measurement->name);
    const auto entity = std::find_if(tags_.begin(), tags_.end(),
                                     [this](const Tag& tag) { return key_of(tag) == "entity"; });
    series_.tags_are_identity = entity == tags_.end();
    std::string_view tag_text = series_.raw.substr(std::min(name.size(), series_.raw.size()));
    if (!canonical) {
        scratch_.clear();
        append_escaped(scratch_, name, kMeasurementSpecials);
        const std::size_t begin = scratch_.size();
        append_canonical_tags(scratch_);
        tag_text = std::string_view(scratch_).substr(begin);
    }
    series_.tags_hash = tags_.empty() ? 0 : XXH3_64bits(tag_text.data(), tag_text.size());
    if (!series_.tags_are_identity) {
        series_.entity = entity->value;
    } else {
        series_.entity = canonical ? batch_.refer(series_.raw) : batch_.keep(scratch_);
    }
    const char* const fault = entity_fault(batch_.text(series_.entity));
    return {ItemCode::invalid_entity, fault};
}

}  // namespace atlas::ingest
