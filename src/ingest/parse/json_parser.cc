// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/json_parser.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "ingest/parse/json_words.h"
#include "ingest/parse/number.h"

namespace atlas::ingest {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;
using simdjson::SUCCESS;

struct JsonParser::Item {
    Observation observation;
    bool has_entity = false;
    std::optional<ItemCode> fault;  // the first; the whole item is refused
    std::string detail;

    void refuse(ItemCode code, std::string why) {
        if (fault) return;
        fault = code;
        detail = std::move(why);
    }
};

namespace {

constexpr std::int64_t kMaxUnixMillis = 253'402'300'799'999;  // the last of year 9999

std::string_view trimmed(std::string_view token) {
    const auto last = token.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? std::string_view{} : token.substr(0, last + 1);
}

// Whether valid JSON holds the escape of U+0000, and not an escaped backslash before "u0000".
bool holds_nul(std::string_view json) {
    for (auto at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at + 2)) {
        if (json.substr(at, 6) == "\\u0000") return true;
    }
    return false;
}

std::string why_word(std::string_view word) {
    return fmt::format("{} is not JSON and cannot be stored; send null", word);
}

bool at_end(ondemand::document& document) {
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

}  // namespace

bool JsonParser::unreadable(std::string fault) {
    fault_ = std::move(fault);
    return false;
}

// An unreadable body leaves refusals that belong to no later one.
void JsonParser::begin(Batch& batch, const ParseContext& context) {
    batch_ = &batch;
    context_ = &context;
    expected_names_.clear();
    pending_.clear();
}

bool JsonParser::parse_json(Batch& batch, const ParseContext& context) {
    begin(batch, context);
    ondemand::document document;
    const simdjson::padded_string_view body(batch.body().data(), batch.body().size(),
                                            batch.body_capacity());
    if (const auto error = parser_.iterate(body).get(document)) {
        return unreadable(fmt::format("The body is not JSON: {}", simdjson::error_message(error)));
    }
    ondemand::json_type type{};
    if (document.type().get(type)) return unreadable("The body is not JSON.");
    const auto fail = [this](error_code error) {
        return unreadable(fmt::format("The body is not JSON: {}", simdjson::error_message(error)));
    };
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        Item item;
        item.observation.first_point = static_cast<std::uint32_t>(batch.points().size());
        if (const auto error = document.get_object().get(object)) return fail(error);
        if (const auto error = parse_item(object, item)) return fail(error);
        finish_item(item);
    } else if (type == ondemand::json_type::array) {
        ondemand::array array;
        if (const auto error = document.get_array().get(array)) return fail(error);
        std::uint32_t index = 0;
        for (auto element : array) {
            Item item;
            item.observation.index = index++;
            item.observation.first_point = static_cast<std::uint32_t>(batch.points().size());
            ondemand::json_type element_type{};
            if (const auto error = element.type().get(element_type)) return fail(error);
            if (element_type == ondemand::json_type::object) {
                ondemand::object object;
                if (const auto error = element.get_object().get(object)) return fail(error);
                if (const auto error = parse_item(object, item)) return fail(error);
            } else {
                item.refuse(ItemCode::invalid_json, "an item must be a JSON object");
            }
            finish_item(item);
        }
    } else {
        return unreadable("The body must be a JSON object or an array of objects.");
    }
    return at_end(document) || unreadable("Unexpected data after the JSON value.");
}

void JsonParser::parse_ndjson(Batch& batch, const ParseContext& context) {
    begin(batch, context);
    std::string_view rest = batch.body();
    std::uint32_t index = 0;
    for (std::uint32_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (trimmed(line).empty()) continue;
        parse_line(line, index++, number);
    }
}

void JsonParser::parse_line(std::string_view line, std::uint32_t index, std::uint32_t number) {
    Item item;
    item.observation.index = index;
    item.observation.line = number;
    item.observation.first_point = static_cast<std::uint32_t>(batch_->points().size());
    const auto used = static_cast<std::size_t>(line.data() - batch_->body().data());
    const simdjson::padded_string_view json(line.data(), line.size(),
                                            batch_->body_capacity() - used);
    ondemand::document document;
    ondemand::object object;
    error_code error = parser_.iterate(json).get(document);
    if (!error) error = document.get_object().get(object);
    if (!error) error = parse_item(object, item);
    if (!error && at_end(document)) return finish_item(item);
    batch_->drop_points(item.observation.first_point);
    pending_.clear();
    if (error == simdjson::INCORRECT_TYPE) {
        return refuse_line(index, number, "an item must be a JSON object");
    }
    refuse_line(index, number,
                error ? fmt::format("the line is not JSON: {}", simdjson::error_message(error))
                      : "unexpected data after the JSON object");
}

void JsonParser::refuse_line(std::uint32_t index, std::uint32_t number, std::string detail) {
    batch_->refuse({index, number, {}, {}, ItemCode::invalid_json, std::move(detail)}, 1);
}

error_code JsonParser::parse_item(ondemand::object object, Item& item) {
    item.observation.observed_at = context_->received_at;
    for (auto field : object) {
        ondemand::field member;
        if (const auto error = std::move(field).get(member)) return error;
        if (const auto error = parse_field(member, item)) return error;
    }
    return SUCCESS;
}

error_code JsonParser::parse_field(ondemand::field& field, Item& item) {
    const ondemand::raw_json_string key = field.key();
    if (key.unsafe_is_equal("attributes")) return parse_attributes(field.value(), item);
    if (key.unsafe_is_equal("at")) return read_time(field.value(), item);
    const bool entity = key.unsafe_is_equal("entity");
    if (!entity && !key.unsafe_is_equal("type")) {
        std::string_view name;
        if (const auto error = field.unescaped_key().get(name)) return error;
        item.refuse(ItemCode::unknown_field,
                    fmt::format("unknown field \"{}\"; an item has entity, type, at and attributes",
                                name.substr(0, kMaxNameBytes)));
        return SUCCESS;
    }
    ondemand::json_type type{};
    if (const auto error = field.value().type().get(type)) return error;
    if (type != ondemand::json_type::string) {
        item.refuse(ItemCode::invalid_entity,
                    entity ? "entity must be a string" : "type must be a string");
        return SUCCESS;
    }
    item.has_entity |= entity;
    return read_text(field.value(), entity ? item.observation.entity : item.observation.type);
}

error_code JsonParser::read_text(ondemand::value& value, TextRef& text) {
    const std::string_view token = trimmed(value.raw_json_token());
    if (token.size() >= 2 && std::memchr(token.data(), '\\', token.size()) == nullptr) {
        text = batch_->refer(token.substr(1, token.size() - 2));
        return SUCCESS;
    }
    std::string_view unescaped;
    if (const auto error = value.get_string().get(unescaped)) return error;
    text = batch_->keep(unescaped);
    return SUCCESS;
}

error_code JsonParser::read_time(ondemand::value& value, Item& item) {
    const auto is_word = [&] { return is_json_word(trimmed(value.raw_json_token())); };
    auto type = ondemand::json_type::object;
    if (const auto error = value.type().get(type); error && !is_word()) return error;
    if (type == ondemand::json_type::null) {
        return value.is_null().error() ? simdjson::N_ATOM_ERROR : SUCCESS;
    }
    std::optional<Time> time;
    if (type == ondemand::json_type::string) {
        TextRef text;
        if (const auto error = read_text(value, text)) return error;
        time = parse_rfc3339(batch_->text(text));
    } else if (type == ondemand::json_type::number) {
        const Number number = read_number(trimmed(value.raw_json_token()));
        if (!number.valid && !is_word()) return simdjson::NUMBER_ERROR;
        const auto millis = static_cast<std::int64_t>(number.payload);
        if (number.kind == Kind::int64 && millis <= kMaxUnixMillis && millis >= -kMaxUnixMillis) {
            time = time_from_micros(millis * 1000);
        }
    }
    if (!time) {
        item.refuse(
            ItemCode::invalid_time,
            "at must be an RFC 3339 time with a time zone or an integer in Unix milliseconds");
    } else if (*time > context_->latest) {
        item.refuse(ItemCode::time_out_of_range,
                    fmt::format("at is {}, more than {} minutes after the server's time {}; "
                                "integers are Unix milliseconds",
                                format_rfc3339(*time), kMaxAhead.count(),
                                format_rfc3339(context_->received_at)));
    } else if (const Time oldest = context_->oldest.value_or(kFirstTime); *time < oldest) {
        item.refuse(ItemCode::time_out_of_range,
                    fmt::format("at is {}, earlier than the oldest accepted time {}; integers are "
                                "Unix milliseconds",
                                format_rfc3339(*time), format_rfc3339(oldest)));
    } else {
        item.observation.observed_at = *time;
    }
    return SUCCESS;
}

error_code JsonParser::parse_attributes(ondemand::value value, Item& item) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type != ondemand::json_type::object) {
        item.refuse(ItemCode::wrong_type,
                    "attributes must be an object with a value for each name");
        return SUCCESS;
    }
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    std::size_t position = 0;
    for (auto field : object) {
        ondemand::field member;
        if (const auto error = std::move(field).get(member)) return error;
        if (const auto error = parse_attribute(member, position++, item)) return error;
    }
    if (position > context_->max_points_per_item) {
        item.refuse(ItemCode::value_too_large,
                    fmt::format("an item has at most {} attributes; send the rest as another item "
                                "with the same entity and at",
                                context_->max_points_per_item));
    }
    return SUCCESS;
}

error_code JsonParser::parse_attribute(ondemand::field& field, std::size_t position, Item& item) {
    Point point;
    if (const auto error = read_name(field, position, point.name)) return error;
    const std::size_t refused = pending_.size();
    if (const char* fault = attribute_name_fault(batch_->name(point.name))) {
        pending_.push_back({0,
                            0,
                            {},
                            std::string(batch_->name(point.name).substr(0, kMaxNameBytes)),
                            ItemCode::invalid_attribute_name,
                            fault});
    }
    if (const auto error = read_value(field.value(), point, item)) return error;
    if (pending_.size() == refused) batch_->add(point);
    return SUCCESS;
}

error_code JsonParser::read_name(ondemand::field& field, std::size_t position,
                                 std::uint32_t& name) {
    const char* raw = field.key().raw();
    if (position < expected_names_.size() && expected_names_[position] != Batch::kNoName) {
        const std::string_view guess = batch_->name(expected_names_[position]);
        // The bytes after the key are readable: the body is padded.
        if (std::memcmp(raw, guess.data(), guess.size()) == 0 && raw[guess.size()] == '"') {
            name = expected_names_[position];
            return SUCCESS;
        }
    }
    std::string_view key(raw, std::string_view(raw, kMaxNameBytes + 1).find('"') + 1);
    const bool plain = !key.empty() && key.find('\\') == std::string_view::npos;
    if (plain) {
        key.remove_suffix(1);
    } else if (const auto error = field.unescaped_key().get(key)) {
        return error;
    }
    name = batch_->name_id(key);
    if (position >= expected_names_.size() && position < 4096) {
        expected_names_.resize(position + 1, Batch::kNoName);
    }
    if (position < expected_names_.size()) {
        expected_names_[position] = plain ? name : Batch::kNoName;
    }
    return SUCCESS;
}

error_code JsonParser::read_value(ondemand::value& value, Point& point, Item& item) {
    const std::string_view token = trimmed(value.raw_json_token());
    switch (token.empty() ? '\0' : token.front()) {
        case '"': {
            TextRef text;
            if (const auto error = read_text(value, text)) return error;
            point.kind = Kind::string;
            point.payload = pack(text);
            return SUCCESS;
        }
        case 't':
        case 'f': {
            bool flag = false;
            if (const auto error = value.get_bool().get(flag)) return error;
            point.kind = Kind::boolean;
            point.payload = flag ? 1 : 0;
            return SUCCESS;
        }
        case 'n': {
            bool null = false;
            const auto error = value.is_null().get(null);
            return !error && null ? SUCCESS : simdjson::N_ATOM_ERROR;
        }
        case '{':
        case '[': return read_json(value, point, item);
        default: break;
    }
    const Number number = read_number(token);
    if (!number.valid && is_json_word(token)) {
        refuse_point(point, ItemCode::not_representable, why_word(token));
        return SUCCESS;
    }
    if (!number.valid || token.size() > std::numeric_limits<std::uint16_t>::max()) {
        return simdjson::NUMBER_ERROR;
    }
    point.kind = number.kind;
    point.payload = number.payload;
    point.raw = batch_->refer(token).offset;
    point.raw_length = static_cast<std::uint16_t>(token.size());
    return SUCCESS;
}

error_code JsonParser::read_json(ondemand::value& value, Point& point, Item&) {
    std::string_view json;
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return error;
        if (const auto error = object.raw_json().get(json)) return error;
    } else {
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return error;
        if (const auto error = array.raw_json().get(json)) return error;
    }
    if (const auto error = check_json(json, point)) return error;
    point.kind = Kind::json;
    point.payload = pack(batch_->refer(trimmed(json)));
    return SUCCESS;
}

// On-demand parsing does not check what it skips; the database would reject it later.
error_code JsonParser::check_json(std::string_view json, const Point& point) {
    simdjson::dom::element element;
    error_code error = checker_.parse(json.data(), json.size()).get(element);
    std::string_view word;
    if (error) {
        const JsonWithoutWords rest = without_words(json);
        word = rest.word;
        if (!word.empty()) error = checker_.parse(rest.json).get(element);
    }
    const bool number = error == simdjson::NUMBER_ERROR;
    if (error && !number) return error;
    if (!word.empty()) {
        refuse_point(point, ItemCode::not_representable, why_word(word));
    } else if (number || holds_nul(json)) {
        refuse_point(point, ItemCode::not_representable,
                     number ? "a number inside the JSON value is out of range"
                            : "the JSON value contains U+0000, which cannot be stored");
    }
    return SUCCESS;
}

void JsonParser::refuse_point(const Point& point, ItemCode code, std::string why) {
    pending_.push_back({0, 0, {}, std::string(batch_->name(point.name)), code, std::move(why)});
}

void JsonParser::finish_item(Item& item) {
    Observation& observation = item.observation;
    const std::size_t kept = batch_->points().size() - observation.first_point;
    const std::string_view entity = batch_->text(observation.entity);
    if (!item.has_entity) {
        item.refuse(ItemCode::missing_entity, "the item has no \"entity\"");
    } else if (const char* fault = entity_fault(entity)) {
        item.refuse(ItemCode::invalid_entity, fault);
    } else if (observation.type.length > kMaxTypeBytes ||
               has_control_character(batch_->text(observation.type))) {
        item.refuse(ItemCode::invalid_entity,
                    "type must be at most 100 bytes without control characters");
    }
    if (item.fault) {
        const std::uint64_t points = std::max<std::uint64_t>(1, kept + pending_.size());
        batch_->refuse({observation.index,
                        observation.line,
                        std::string(entity.substr(0, kMaxEntityBytes)),
                        {},
                        *item.fault,
                        std::move(item.detail)},
                       points);
        batch_->drop_points(observation.first_point);
        pending_.clear();
        return;
    }
    for (ItemError& error : pending_) {
        error.index = observation.index;
        error.line = observation.line;
        error.entity = entity;
        batch_->refuse(std::move(error), 1);
    }
    pending_.clear();
    observation.points = static_cast<std::uint32_t>(kept);
    if (kept > 0) batch_->add(observation);
}

}  // namespace atlas::ingest
