package io.penstock.ingress.accept;

import java.util.ArrayList;
import java.util.List;

/** Free labels of a request. */
final class Tags {

  private Tags() {}

  /** Labels of a text with commas; blank ones are dropped. */
  static List<String> split(String text) {
    var tags = new ArrayList<String>();
    int from = 0;
    while (from <= text.length()) {
      var comma = text.indexOf(',', from);
      var end = comma < 0 ? text.length() : comma;
      var tag = text.substring(from, end).strip();
      if (!tag.isEmpty()) {
        tags.add(tag);
      }
      from = end + 1;
    }
    return tags;
  }

  static boolean valid(List<String> tags, int countMax, int lengthMax) {
    if (tags.size() > countMax) {
      return false;
    }
    for (var tag : tags) {
      if (tag.isBlank() || tag.length() > lengthMax) {
        return false;
      }
    }
    return true;
  }
}
