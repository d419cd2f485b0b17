package io.penstock.ingress.admin;

import io.penstock.ingress.accept.Caller;
import io.penstock.ingress.http.ApiException;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.Role;

/** What a caller's role allows. */
final class Permission {

  private Permission() {}

  /**
   * Lets pass who may administer an organisation: its own administrators, and those of the
   * installation.
   *
   * @throws ApiException {@code permission_denied}
   */
  static void administer(Caller caller, String organization) {
    switch (caller.role()) {
      case SUPER_ADMIN -> {}
      case ADMIN -> {
        if (!caller.organization().equals(organization)) {
          throw denied("Your key administers its own organisation only.");
        }
      }
      case USER -> throw denied("This needs a key with the role admin.");
    }
  }

  /**
   * Lets pass who may administer the installation.
   *
   * @throws ApiException {@code permission_denied}
   */
  static void administerAll(Caller caller) {
    if (caller.role() != Role.SUPER_ADMIN) {
      throw denied("This needs a key with the role super_admin.");
    }
  }

  /**
   * Lets pass who does not hand out more than they have.
   *
   * @throws ApiException {@code permission_denied}
   */
  static void grant(Caller caller, Role role) {
    if (role.compareTo(caller.role()) > 0) {
      throw denied("A key cannot make one with a higher role than its own.");
    }
  }

  private static ApiException denied(String message) {
    return new ApiException(ErrorCode.PERMISSION_DENIED, message);
  }
}
