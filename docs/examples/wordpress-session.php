<?php
/*
 * /etc/wenming/wordpress-session.php: who is signed in at WordPress, for
 * nginx alone; see nginx-wordpress-location.conf.
 *
 * The phone stands in the field "phone" of a user, and this is believed: let
 * nothing write that field but what has proved the number, or an
 * administrator.  Signed in without a phone there: nobody is greeted, and the
 * form asks.
 */

require $_SERVER['WENMING_WORDPRESS'] . '/wp-load.php';

$user = wp_get_current_user();

if ($user->exists()) {
    $name = $user->last_name . $user->first_name;
    $phone = get_user_meta($user->ID, 'phone', true);

    header('X-Name: ' . rawurlencode($name !== '' ? $name
                                                  : $user->display_name));
    header('X-Phone: ' . rawurlencode($phone));
}

http_response_code(204);
