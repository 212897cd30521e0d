#!/usr/bin/perl
# How pages look: large print that is remembered without a script, the style
# that the CSP knows, who may show a page in a frame.

use FindBin;
use Wenming::Test;

use Digest::SHA ();

my $site = site();
my $web = $site->browser;


# ---- large print

unlike $web->get('menu')->text, qr/class="large"/, 'pages begin with plain print';

my $r = $web->get('look?large=1', headers => {
    Referer => $site->public_url . '/timetable?unit=wenyilu' });

is $r->{status}, 303, 'large print is a link';
is $r->header('location'), $site->public_url . '/timetable?unit=wenyilu',
   'that leads back to the page it was on';

for my $page ('timetable', 'menu', 'orders', 'staff/login') {
    like $web->get($page)->text, qr/<html lang="zh-CN" class="large">/,
         "$page is in large print";
}

like $web->get('menu')->text, qr/look\?large=0/, 'and offers the way back';
unlike $site->browser->get('menu')->text, qr/class="large"/,
       'nobody else gets it from the shared cache';

my $etag = $web->get('menu')->header('etag');

is $web->get('menu', headers => { 'If-None-Match' => $etag })->{status}, 304,
   'it has an ETag of its own';
is $site->browser->get('menu', headers => { 'If-None-Match' => $etag })
       ->{status}, 200, 'that is not that of plain print';

$web->get('look?large=0');
unlike $web->get('menu')->text, qr/class="large"/, 'and back again';

for my $from ('https://evil.example/wenming/menu', $site->public_url . '.evil/x',
              $site->public_url, '//evil.example', undef) {
    my $r = $web->get('look?large=1', headers => {
        defined $from ? (Referer => $from) : () });

    is $r->header('location'), $site->public_url . '/menu',
       ($from // 'from nowhere') . ': to the menu';
}

is $web->get("look$_")->{status}, 422, "look$_ is refused"
    for '', '?large=2', '?large=x';


# ---- the title of each page says which it is

for my $file (glob "$FindBin::Bin/../templates/*.html") {
    my ($name) = $file =~ m{([^/]+)\.html$};

    next if Wenming::Site::read_file($file)
            !~ /\{\{>(?:meta|head|staff-head)\}\}/ || $name =~ /head$/;
    (my $title = "title_$name") =~ tr/-/_/;
    like Wenming::Site::read_file("$FindBin::Bin/../core/wm_zh_table.h"),
         qr/^X\($title, +"/m, "$name has one";
}

my $worker = $site->worker;

for my $at (['staff/', 'staff/'], ['staff/orders/board', 'staff/orders'],
            ['staff/demand', 'staff/orders'],
            ['staff/figures', 'staff/figures'])
{
    like $worker->get($at->[0])->text,
         qr{<a href="[^"]*/$at->[1]" aria-current="true">},
         "$at->[0]: the desk marks where one is";
}


# ---- the style in the page, and the CSP

my $page = $web->get('menu');
my ($style) = $page->{body} =~ m{<style>([^<]+)</style>};
my $hash = Digest::SHA::sha256_base64($style) . '=';

like $page->header('content-security-policy'), qr/'sha256-\Q$hash\E'/,
     'the CSP knows the style by its hash';
unlike $page->text, qr/ style=| on\w+=/, 'no inline style or script beside';
like $page->header('content-security-policy'), qr/frame-ancestors 'self'$/,
     'only we frame our pages';

my $framed = site(location => [
    "wenming_frame_ancestors self https://www.example.gov.cn;" ]);

like $framed->browser->get('menu')->header('content-security-policy'),
     qr{frame-ancestors 'self' https://www\.example\.gov\.cn$},
     'or who is configured';

end();
