use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# What no browser sends: bodies, addresses, headers, cookies and documents
# made to get past the checks of somebody.

use IO::Select;

my ($FORMAT) = Wenming::Site::read_file(
    "$Wenming::Site::ROOT/docs/examples/nginx-wenming.conf")
    =~ /^(log_format wenming [^;]*;)/m;

my $gateway = Wenming::Site::free_port();
my $site = site(workers => 1, expect => [qr/\[crit\].*File name too long/],
    http => [$FORMAT, 'server {', "    listen 127.0.0.1:$gateway;",
             '    access_log off;', '    return 204;', '}'],
    server => ['client_body_timeout 1s;', 'client_header_timeout 2s;',
               'keepalive_timeout 1s;',
               'access_log {{dir}}/own.log wenming;',
               'location = /sms {', '    internal;', '    access_log off;',
               "    proxy_pass http://127.0.0.1:$gateway/;",
               '    proxy_set_header X-Phone $wenming_sms_phone;',
               '    proxy_set_header X-Code $wenming_sms_code;', '}'],
    location => ['wenming_sms /sms;']);
my $other = site(district => 'yuelu', import => 0);
my $web = $site->browser;
my $worker = $site->worker;
my $station = $site->staff(unit => 'wenyilu');
my $event = $site->event;
my $draft = $site->event(draft => 1, unit => 'furong');
my $day = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub someone {
    my ($name) = @_;

    $people++;

    return ($name => "密名甲$people", phone => $site->phone($people));
}


sub order {
    return { course => 'law-01', unit => 'wenyilu', wanted => [$day],
             head_count => 3, someone('contact_name'), @_ };
}


# Bytes as they are; the statuses that came back, and all of it.

sub say_raw {
    my ($bytes, %o) = @_;

    my $socket = $web->open;

    print $socket $bytes;
    shutdown $socket, 1 if $o{half};

    my $all = '';
    my $select = IO::Select->new($socket);
    my $until = time + ($o{wait} || 5);

    while (time < $until && $select->can_read($until - time)) {
        sysread $socket, $all, 65536, length $all or last;
    }

    return ([$all =~ m{^HTTP/1\.1 (\d+)}mg], $all);
}


# ---- bodies

my $before = $site->journal_length;

for my $case (['a body of 17 KB', body => 'x' x 17_000, 413],
              ['the same in chunks', body => 'x' x 17_000, 413, 1000],
              ['a form of 17 KB', form => { note => 'x' x 17_000 }, 413],
              ['a file', body => "--x\r\nContent-Disposition: form-data; "
                   . "name=\"note\"; filename=\"a.html\"\r\n\r\n<b>\r\n"
                   . "--x--\r\n", 415, 0, 'multipart/form-data; boundary=x'],
              ['XML', body => '<!DOCTYPE a [<!ENTITY b SYSTEM '
                   . '"file:///etc/passwd">]><a>&b;</a>', 415, 0, 'text/xml'],
              ['JSON that says to be something else', body => '{}', 415, 0,
               'application/json+x'])
{
    my ($name, $how, $body, $status, $chunked, $type) = @$case;

    is $web->post('api/orders', $how => $body,
                  $how eq 'body' ? (type => $type || 'application/json') : (),
                  $chunked ? (chunked => $chunked) : ())->{status}, $status,
       $name;
}

my ($said) = say_raw("POST /wenming/api/orders HTTP/1.1\r\nHost: x\r\n"
                     . "Content-Type: application/json\r\n"
                     . "Content-Length: 99999999999\r\n\r\n");
is $said->[0], 413, 'a body of 100 GB is refused before it comes';

($said) = say_raw($web->bytes_of('POST', 'api/orders', json => order())
                  =~ s/.{20}$//sr, half => 1);
ok !grep({ $_ < 400 } @$said), 'half a body, and the rest never comes';

($said) = say_raw($web->bytes_of('POST', 'api/orders', json => order())
                  =~ s/.{20}$//sr);
is_deeply $said, [], 'nor is it waited for without end';

($said) = say_raw("POST /wenming/api/orders HTTP/1.1\r\nHost: x\r\nX: ");
ok @$said == 0 || $said->[0] == 408, 'half a header';

is $site->journal_length, $before, 'nothing of all this took effect';

{
    my $socket = $web->open;
    my @bytes = unpack '(a60)*', $web->bytes_of('POST', 'api/orders',
                                                 json => order());

    for my $some (@bytes) {
        print $socket $some;
        sleep 0.05;
    }

    is $web->read_answer($socket, method => 'POST')->{status}, 201,
       'who is slow is waited for';
}


# ---- a second request in the body of the first

my $inside = "GET /wenming/api/staff/demand HTTP/1.1\r\nHost: x\r\n\r\n";
my $after = "GET /wenming/api/units HTTP/1.1\r\nHost: x\r\n"
            . "Connection: close\r\n\r\n";
my $n = length $inside;
my $json = "Host: x\r\nContent-Type: application/json\r\n";
my $chunk = sprintf "%x\r\n%s\r\n0\r\n\r\n", $n, $inside;

sub hidden {
    my ($name, $bytes, $answers) = @_;

    my ($said, $all) = say_raw($bytes);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok !grep({ $_ == 401 } @$said) && $all !~ /sign_in/,
       "$name: what is in the body is not taken for a request"
        or diag("@$said");
    is "@$said", $answers, "$name: what is answered" if defined $answers;
    ok !grep({ $_ >= 500 && $_ != 501 } @$said), "$name: no error of ours"
        or diag("@$said");

    return;
}


for my $case (['GET', 'api/menu', '200 200'], ['GET', 'menu', '200 200'],
              ['GET', 'api/nothing', '404 200'],
              ['GET', 'wenming.css', undef],
              ['DELETE', 'api/menu', '405 200'],
              ['POST', 'api/nothing', '404 200'],
              ['POST', 'api/menu', '405 200'],
              ['POST', 'api/orders', '400 200'],
              ['POST', 'api/staff/orders', '400 200'],
              ['HEAD', 'api/menu', '200 200'])
{
    my ($method, $path, $answers) = @$case;
    my $line = "$method /wenming/$path HTTP/1.1\r\n$json";

    hidden("$method $path", "${line}Content-Length: $n\r\n\r\n$inside$after",
           $answers);
    hidden("$method $path in chunks",
           "${line}Transfer-Encoding: chunked\r\n\r\n$chunk$after", $answers);
}

my $post = "POST /wenming/api/orders HTTP/1.1\r\n$json";
my $both = "Content-Length: $n\r\n";

for my $head (map({ "Content-Length: $n\r\n$_: chunked\r\n" }
                  'Transfer-Encoding', 'transfer-encoding'),
              "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
              "Content-Length: $n\r\nContent-Length: $n\r\n",
              "Content-Length: 0\r\nContent-Length: $n\r\n",
              "Content-Length: $n\r\nContent-Length: 0\r\n",
              (map { "Content-Length: $_\r\n" } "+$n", "-$n", "$n, 0",
                   "$n 0", "0x1", "${n}a", '', '9' x 40, "0$n"),
              (map { "Transfer-Encoding: $_\r\n" } 'chunked, identity',
                   'identity, chunked', 'identity', 'xchunked', 'chunked;a',
                   "\tchunked", "\x0bchunked", 'gzip, chunked', '"chunked"'),
              (map { "${both}$_\r\n" } 'Transfer-Encoding : chunked',
                   "Transfer-Encoding:\r\n chunked", 'Transfer_Encoding: chunked',
                   " Transfer-Encoding: chunked", "X: y\r\n z: w",
                   "X: y\x00Transfer-Encoding: chunked",
                   "X: y\rTransfer-Encoding: chunked",
                   "X: y\nTransfer-Encoding: chunked"),
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
              "Host: y\r\nContent-Length: $n\r\n",
              "Content-Length\x00: 0\r\nContent-Length: $n\r\n")
{
    (my $name = $head) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;

    # a body that is there by its length, and one that is there in chunks

    hidden($name, "$post$head\r\n$inside") if $head !~ /: 0\r\n$/;
    hidden("$name, chunks", "$post$head\r\n$chunk")
        if $head =~ /^Transfer-Encoding: \t?chunked\r/;
}

for my $chunks ("-1\r\n$inside", "0x" . sprintf("%x", $n) . "\r\n$inside",
                sprintf("%x", $n) . "\n$inside\n0\n\n",
                'f' x 17 . "\r\n$inside", "\r\n$inside", " 5\r\n$inside",
                sprintf("%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n", $n, $inside))
{
    (my $name = $chunks) =~ s/GET.*//s;

    hidden("a chunk of " . $name =~ s/\W+$//r,
           "${post}Transfer-Encoding: chunked\r\n\r\n$chunks");
}

($said) = say_raw("GET /wenming/api/menu HTTP/1.1\r\nHost: a\r\nHost: b\r\n"
                  . "\r\n");
is "@$said", '400', 'two hosts';
($said) = say_raw("POST /wenming/api/orders HTTP/1.1\r\n${json}Expect: "
                  . "100-continue\r\nContent-Length: 2\r\nConnection: close"
                  . "\r\n\r\n{}");
is $said->[-1], 422, 'who asks whether to go on';
hidden('chunks in HTTP/1.0', "POST /wenming/api/orders HTTP/1.0\r\n${json}"
       . "Transfer-Encoding: chunked\r\n\r\n$chunk");


# ---- addresses

for my $path ('//wenming//api//menu', '/wenming/%2e%2e/wenming/api/menu',
              '/wenming/x/../api/menu', '/%77enming/api/menu',
              "http://evil.example/wenming/api/menu",
              "http://127.0.0.1:1/wenming/api/menu")
{
    my ($said, $all) = say_raw("GET $path HTTP/1.1\r\nHost: evil.example\r\n"
                               . "Connection: close\r\n\r\n");

    is "@$said", '200', "one address, written otherwise: $path";
    unlike $all, qr/evil/, 'and nothing of what was written';
}

for my $path ('/wenming/..%2f..%2fetc/passwd', '/wenming/%2e%2e%2f%2e%2e%2f'
                  . 'etc/passwd', '/wenming/....//....//etc/passwd',
              '/wenming/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd',
              '/wenming/..%5c..%5cetc%5cpasswd', '/wenming/%252e%252e/etc',
              '/wenming../etc/passwd', '/wenming/api/menu%00',
              '/wenming/api/menu%00.css', '/wenming/%00', '/wenming/api/menu;a',
              '/wenming/api/menu%20', '/wenming/api/menu%0d%0aX-Evil:%201',
              '/wenming/course/a%0d%0aX-Evil:%201', '/wenming/api/%ff%fe',
              '/wenming/' . 'a/' x 2000, '/wenming/' . '%61' x 3000,
              '/wenming/api/events/%d9%a1', '/wenming/.htaccess',
              '/wenming/.git/config', '/../etc/passwd', '*',
              '/wenming/keys', '/wenming/../keys', '/keys', '/nginx.conf')
{
    my ($said, $all) = say_raw("GET $path HTTP/1.1\r\nHost: x\r\n"
                               . "Connection: close\r\n\r\n");

    like "@$said", qr/^4\d\d$/, 'no way: ' . substr $path, 0, 50;
    unlike $all, qr/root:x:|secret = |x-evil:/i, 'and nothing came out';
}

for my $path ('staff/orders', './staff/orders', '/staff//orders',
              '%73taff/orders', 'staff%2forders', 'STAFF/orders',
              'staff/orders/', 'staff/./orders', 'menu/../staff/orders',
              'api/../staff/orders', 'api/staff/orders%00', 'api//staff/orders',
              'api/menu/../staff/orders')
{
    my $r = $web->fresh->get("/wenming/$path");

    like $r->{status}, qr/^(?:303|40[014])$/, "not signed in: $path";
    unlike $r->text, qr/contact_name|导出/, 'and nothing to see';
}


# ---- headers that other servers listen to

my $mine = $web->fresh;
my $placed = $mine->post('api/orders', json => order())->json->{id};

$before = $site->journal_length;

for my $name ('X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override') {
    is $mine->get("api/orders/$placed/cancel", headers => {
           $name => 'POST' })->{status}, 405, $name;
    is $mine->post('api/menu', json => {}, headers => {
           $name => 'GET' })->{status}, 405, 'either way';
}

is $mine->post("order/$placed/cancel", form => { _method => 'DELETE' })
        ->{status}, 422, '_method in a form';

for my $name (qw(X-Original-URL X-Rewrite-URL X-Forwarded-Prefix
                 X-Accel-Redirect X-Sendfile))
{
    my $r = $web->get('api/units', headers => {
        $name => '/wenming/api/staff/demand' });
    is $r->{status}, 200, $name;
    ok $r->json->{items}, 'leads nowhere else';
}

for my $name (qw(X-Forwarded-Host X-Host X-Forwarded-Server Forwarded
                 X-Forwarded-Proto X-Forwarded-Port))
{
    my $r = $web->fresh->get('staff/orders', headers => {
        $name => $name eq 'Forwarded' ? 'host=evil.example' : 'evil.example'
    });
    unlike $r->{raw}, qr/evil/, "$name does not come back";
    my $public = $site->public_url;
    like $r->header('location'), qr{^\Q$public\E/staff/login\?next=staff%2Forders$},
         'nor changes an address';
}

is $site->journal_length, $before, 'nothing took effect';


($said) = say_raw("TRACE /wenming/menu HTTP/1.1\r\nHost: x\r\n\r\n");
is "@$said", '405', 'TRACE';


# ---- cookies

my ($device) = grep { /device/ } keys %{$mine->{cookies}};
my $good = $mine->{cookies}{$device}{value};
my $seen = sub {
    my (%o) = @_;
    my $r = $site->browser->get('api/me/orders', %o);
    return $r->{status} == 200
           ? scalar @{$r->json->{items}} : "status $r->{status}";
};

is $seen->(headers => { Cookie => "$device=$good" }), 1, 'our cookie';
is $seen->(headers => { Cookie => join '; ',
           (map { "c$_=" . 'v' x 20 } 1 .. 200), "$device=$good" }), 1,
   'behind two hundred others';
is $seen->(headers => { Cookie => "$device=$good; $device=$good" }), 1, 'twice';

my $forged = $good =~ s/(.)$/$1 eq '0' ? '8' : '0'/er;
my $swapped = $good =~ s/^(.{20})(.)/$1 . ($2 eq 'A' ? 'B' : 'A')/er;

is $seen->(headers => { Cookie => "$device=$_" }), 0, 'one that is not good'
    for $forged, $swapped, '', ' ', 'A' x 500, "$good$good", "\"$good\"",
        lc($good) . '0', substr($good, 1), "%00$good", '𠮷', '../' x 20;
is $seen->(headers => { Cookie => Wenming::Http::encode("$_$device=$good")
       }), 0, sprintf 'U+%04X in front of the name', ord $_
    for "\x{3000}", "\x{a0}", "\x{2028}", "\x{feff}", "\x0b", "\x0c", '"';
is $seen->(headers => { Cookie => "$device=$forged; $device=$good" }), 0,
   'of two the first counts';
is $seen->(headers => { Cookie => $_ }), 0, 'names that only look like it'
    for uc($device) . 'X' . "=$good", "x$device=$good", "${device}x=$good",
        "$device =$good; x=y" =~ s/ =/%20=/r;
like $seen->(headers => { Cookie => 'x=' . 'y' x 9000 }), qr/status 4|^0$/,
     'a cookie of 9 kB';

my $theirs = $other->browser;
$theirs->get('c');
my ($foreign) = map { $theirs->{cookies}{$_}{value} }
                grep { /device/ } keys %{$theirs->{cookies}};
like $foreign, qr/^[0-9A-Z]{40}/, 'another district has cookies, too';

{
    my $elsewhere = $site->seal->with(host => 'evil.example');
    my $purpose = $site->seal;
    my $payload = substr Wenming::Seal::unbase32($good), 0, -16;

    is $seen->(headers => { Cookie => "$device="
               . $purpose->seal('device', $payload) }), 1,
       'made as the document of the format says';
    is $seen->(headers => { Cookie => "$device="
               . $elsewhere->seal('device', $payload) }), 0,
       'the same for another host';
    is $seen->(headers => { Cookie => "$device="
               . $purpose->seal($_, $payload) }), 0, "sealed as a $_"
        for qw(ticket staff pass form token login);
    is $seen->(headers => { Cookie => "$device="
               . $purpose->with(district => 'yuelu')
                         ->seal('device', $payload) }), 0,
       'the same of another district';
    is $seen->(headers => { Cookie => "$device=$foreign" }), 0,
       'one that another district gave';
}

my ($badge) = grep { /staff/ } keys %{$worker->{cookies}};
my $session = $worker->{cookies}{$badge}{value};

is $site->browser->get('api/staff/orders', headers => { Cookie => $_ })
        ->{status}, 401, 'a badge that is none'
    for "$badge=$good", "$device=$session", "$badge=" . lc("${session}0"),
        "$badge=" . $session =~ s/(.)$/$1 eq '0' ? '8' : '0'/er;


# ---- documents

for my $case (['a list', '[]', 400], ['a text', '"x"', 400],
              ['null', 'null', 400], ['nothing', '', 400], ['blanks', '  ', 400],
              ['two documents', '{}{}', 400], ['a comma too many', '{"a":1,}', 400],
              ['NaN', '{"head_count":NaN}', 400],
              ['deep lists', '{"note":' . '[' x 7000 . ']' x 7000 . '}', 400],
              ['deep objects', '{"a":' x 2500 . '1' . '}' x 2500, 400],
              ['a number of 400 digits', '{"head_count":' . '9' x 400 . '}', 400],
              ['1e999', '{"head_count":1e999}', 400],
              ['-0', '{"head_count":-0}', 422],
              ['3.0', '{"head_count":3.0}', 400],
              ['2^53 + 1', '{"head_count":9007199254740993}', 422],
              ['2^63', '{"head_count":9223372036854775808}', 400],
              ['a key twice', '{"note":"a","note":"b"}', 400],
              ['half a surrogate', '{"note":"\ud800"}', 400],
              ['the other half', '{"note":"\udc00\ud800"}', 400],
              ['NUL', '{"note":"\u0000"}', 400],
              ['NUL in a name', '{"no\u0000te":"a"}', 400],
              ['no UTF-8', "{\"note\":\"\xff\"}", 400],
              ['overlong UTF-8', "{\"note\":\"\xc0\xaf\"}", 400],
              ['surrogates in UTF-8', "{\"note\":\"\xed\xa0\x80\"}", 400],
              ['a BOM', "\xef\xbb\xbf{}", 400], ['UTF-16', "{\0}\0", 400],
              ['__proto__', '{"__proto__":{"a":1}}', 422],
              ['an object for a text', '{"note":{"$gt":""}}', 422],
              ['a thousand fields', '{' . join(',', map { "\"f$_\":1" }
                                                   1 .. 1000) . '}', 422])
{
    my ($name, $body, $status) = @$case;
    my $r = $web->post('api/orders', body => $body, type => 'application/json');

    ok $r->{status} == 400 || $r->{status} == 422, "$name is refused"
        or diag($r->{status});
    is $r->{status}, $status, "$name: as we say";
}

for my $case (['a field twice', 'note=a&note=b'],
              ['a field twice, once empty', 'note=&note=a'],
              ['in the other way of writing', 'note=a&%6eote=b'],
              ['the key twice', 'key=a&key=b'], ['a list', 'note[]=a'],
              ['a field of an object', 'note[$ne]=1'],
              ['no UTF-8', 'note=%ff'], ['half an escape', 'note=%4'],
              ['no escape', 'note=%zz'], ['NUL', 'note=%00'],
              ['lines in one line', 'contact_name=a%0d%0ab'],
              ['many', join '&', map { "f$_=1" } 1 .. 2000])
{
    my ($name, $body) = @$case;
    my $r = $web->post('course/law-01', body => $body,
                       type => 'application/x-www-form-urlencoded',
                       headers => { 'Sec-Fetch-Site' => 'same-origin' });

    like $r->{status}, qr/^4(?:00|22)$/, "a form: $name";
}

is $web->post('api/orders?course=law-01&unit=wenyilu&contact_name=a',
              json => { note => 'x' })->{status}, 422,
   'what stands in the address is not in the body';


# ---- whether something is there

sub same {
    my ($name, @answers) = @_;

    my @all = map { join "\n", $_->{status}, (sort keys %{$_->{head}}),
                    $_->{body} } @answers;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is $all[0], $all[1], $name;
}


my $none = 'A' x 16;
my $foreign_order = $web->fresh->post('api/orders', json => {
    %{order()}, unit => 'chaoyangjie' })->json->{id};

ok $foreign_order, 'an order of another street';
same("$_ of somebody else, and of nobody",
     map { my $id = $_; $mine->post("api/orders/$id/cancel") }
         $foreign_order, $none) for 'an order';
same('for the worker of another street',
     map { $station->get("api/staff/orders/$_") } $foreign_order, $none);
same('a step of it', map { $station->post("api/staff/orders/$_/reject",
                                          json => { reason => '无' }) }
                     $foreign_order, $none);
same('a draft', map { $web->get("api/events/$_") } $draft, 999_999);
same('its roster', map { $station->get("api/staff/events/$_/roster") }
                   $draft, 999_999);
same('enrolling in it', map { $web->post("api/events/$_/enrol", json => {
         name => '某人', phone => $site->phone(1) }) } $draft, 999_999);
same('a code of it', map { $web->get('api/c', query => {
         event => $_, code => '000000' }) } $event, 999_999);

{
    my %who = someone('name');
    my ($verify, $code) = map { my $path = $_; sub {
        $web->fresh->post($path, json => { @_ }) } }
        qw(api/me/verify api/me/code);

    $web->fresh->post('api/orders', json => order(
        contact_name => $who{name}, phone => $who{phone}));
    same('a code for a known phone, and for another',
         $code->(%who), $code->(someone('name')));
    same('digits for it', map { $verify->(@$_, code => '000000') }
         [%who], [someone('name')]);
    same('a wrong password of a worker, and of nobody',
         map { $web->fresh->post('api/staff/session', json => {
                   name => $_, password => 'not it' }) }
             'worker-furong', 'worker-nobody');

    my $there = $site->event(start => Wenming::Site::iso(time + 18000),
                             end => Wenming::Site::iso(time + 19000),
                             capacity => 100);
    my @r = map { $web->fresh->post("api/events/$there/enrol", json => {
        @$_ }) } [%who], [someone('name')];

    is join(' ', sort keys %{$r[0]->json}), join(' ', sort keys %{$r[1]->json}),
       'who is known and who is not enrol in the same words';
    is $r[0]->{status}, $r[1]->{status}, 'and status';
    is_deeply $web->fresh->post('api/me/orders', json => {})->{status}, 405,
              'there is no looking up by phone';
}


# ---- line breaks that would begin a header

my @redirects = map { $web->fresh->get($_) } (
    'staff/orders?a=%0d%0aX-Evil:1', 'staff/orders%3f%0d%0aX-Evil:1',
    'c?event=%0d%0aX-Evil:1&code=1', 'menu?q=%0d%0aX-Evil:1',
    'wechat?state=%0d%0aX-Evil:1', "event/$event%0d%0aX-Evil:1",
    'timetable?from=%0d%0aX-Evil:1');

is join(' ', grep { defined } map { $_->header('x-evil') } @redirects), '',
   'no header of theirs';
is $worker->get("api/staff/events/$event/roster.csv")
          ->header('content-disposition'),
   "attachment; filename=\"roster-$event.csv\"", 'a file name of ours alone';

for my $referer ('https://evil.example/wenming/menu', '//evil.example/',
                 $site->public_url . '.evil.example/',
                 $site->public_url . '@evil.example/')
{
    my $public = $site->public_url;
    like $web->get('look?large=1', headers => { Referer => $referer })
             ->header('location'), qr{^\Q$public\E/menu$},
         "nobody is sent to $referer";
}

my $r = $worker->post('api/staff/events', json => {
    title => "x\r\nX-Evil: 1" });
problem($r, 422, 'invalid', ['title'], 'nor in a title');


# ---- what stands in logs, after all this

{
    my $life = $web->fresh;
    my %who = someone('name');
    my $ticket = $site->ticket($life, $event);
    my $secret = $site->{staff}{'worker-furong'};

    $life->post('api/c', json => { ticket => $ticket, %who });
    $life->get('menu?q=' . Wenming::Http::escape($who{name}));
    $web->post('api/staff/session', json => { name => 'worker-furong',
                                              password => "$secret-" });
    $life->get("screen/$event?pass=" . $site->seal->pass(event => $event));

    my $log = join '', map { Wenming::Site::read_file("$site->{dir}/$_") }
              qw(own.log error.log redis.log);
    my %never = (
        'cookie of a device' => $life->{cookies}{$device}{value},
        'session of a worker' => $session, 'password' => $secret,
        'name' => '密名甲', ticket => $ticket, 'order' => $placed,
        'name in an address' => Wenming::Http::escape('密名甲'));

    ok length $log > 1000, 'there are logs';
    ok index($log, Wenming::Http::encode($never{$_})) < 0,
       "no $_ in them" for sort keys %never;
    ok index($log, $_) < 0, 'no phone in them'
        or last for sort keys %{$site->{phones}};

    my $own = Wenming::Site::read_file("$site->{dir}/own.log");

    my @lines = $site->error_log =~ /^(.*)$/mg;

    is scalar grep({ !m{^\d{4}/\d\d/\d\d } } @lines), 0,
       'nobody writes lines of his own into them';

    unlike $own, qr{/wenming|pass=|/c/}, 'the format of the example has no '
           . 'addresses, in which codes and passes stand';
}

{
    my $pass = $site->seal->pass(event => $event);

    $site->stop_redis('KILL');
    is $web->get("screen/$event?pass=$pass")->{status}, 503,
       'a screen without Redis';
    ok index($site->error_log, $pass) < 0, 'says nothing of its pass';
}

end();
