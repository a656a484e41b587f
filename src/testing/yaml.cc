// SPDX-License-Identifier: Apache-2.0
#include "testing/yaml.h"

#include <yaml-cpp/yaml.h>

#include <boost/json.hpp>

namespace atlas::test {
namespace {

boost::json::value scalar(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    if (node.Tag() == "!") return boost::json::string(text);  // quoted
    if (text == "true" || text == "false") return text == "true";
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    boost::json::error_code error;
    boost::json::value number = boost::json::parse(text, error);
    if (!error && number.is_number()) return number;
    return boost::json::string(text);
}

boost::json::value convert(const YAML::Node& node) {
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
        boost::json::array out;
        for (const auto& item : node) out.push_back(convert(item));
        return out;
    }
    if (node.IsMap()) {
        boost::json::object out;
        for (const auto& item : node) out.emplace(item.first.Scalar(), convert(item.second));
        return out;
    }
    return nullptr;
}

}  // namespace

boost::json::value yaml_to_json(std::string_view text) {
    return convert(YAML::Load(std::string(text)));
}

}  // namespace atlas::test
