// SPDX-License-Identifier: Apache-2.0
#include "storage/hot_state.h"

#include <simdjson.h>

#include <string>

namespace atlas::storage {
namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view token) {
    return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

// False when the value is damaged.
bool read_value(ondemand::value& value, HotMember& member) {
    ondemand::json_type type{};
    if (value.type().get(type)) return false;
    if (type == ondemand::json_type::object || type == ondemand::json_type::array) {
        if (simdjson::to_json_string(value).get(member.json)) return false;
    } else {
        member.json = value.raw_json_token();
        if (type == ondemand::json_type::string && value.get_string().get(member.text)) {
            return false;
        }
    }
    member.json = trimmed(member.json);
    return true;
}

}  // namespace

void for_each_member(std::string_view object, const std::function<void(const HotMember&)>& use) {
    thread_local ondemand::parser parser;
    const simdjson::padded_string padded(object);
    ondemand::document document;
    ondemand::object root;
    if (parser.iterate(padded).get(document) || document.get_object().get(root)) return;
    for (auto field : root) {
        std::string_view name;
        ondemand::value value;
        if (field.unescaped_key().get(name) || field.value().get(value)) return;
        // The key is in the parser's buffer, which the value may overwrite.
        const std::string kept(name);
        HotMember member{.name = kept, .json = {}, .text = {}};
        if (!read_value(value, member)) return;
        use(member);
    }
}

}  // namespace atlas::storage
