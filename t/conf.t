use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# What nginx -t refuses, where it says the fault is, and how it is mended.

my $base = Wenming::Site->prepare(redis => 0, import => 0,
                                  expect => [qr/\[emerg\]/]);
my $dir = $base->{dir};
my $keys = Wenming::Site::read_file("$dir/keys");
my @http = ("wenming_redis unix:$dir/redis.sock;", "wenming_keys $dir/keys;",
            "wenming_checkpoints $dir/checkpoints;");


sub place {
    my (%o) = @_;

    return [
        ($o{location} || 'location ^~ /wenming/') . ' {',
        "    alias $dir/web/;",
        '    ' . ($o{wenming} || 'wenming furong;'),
        exists $o{url} ? $o{url} ? "    wenming_public_url $o{url};" : ()
                       : '    wenming_public_url http://127.0.0.1/wenming;',
        @{$o{more} || []}, '}'];
}


sub verdict {
    my (%o) = @_;

    local $base->{place} = $o{place} || place();
    local $base->{wenming} = $o{http} || \@http;
    my ($ok, $said) = $base->check_configuration;

    utf8::decode($said);
    $said ||= 'nothing';

    return ($ok, $said);
}


sub refused {
    my ($name, $patterns, %o) = @_;

    my ($ok, $said) = verdict(%o);
    my @without = grep { $said !~ $_ } @$patterns;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $good = ok !$ok && !@without && $said =~ /\[emerg\]/, "refused: $name";

    diag $ok ? "accepted\n" : "without @without in\n$said" if !$good;

    return $good;
}


sub accepted {
    my ($name, %o) = @_;

    my ($ok, $said) = verdict(%o);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return ok($ok, "accepted: $name") || diag $said;
}


sub with {
    my ($name, $line) = @_;

    return [(grep { !/^\Q$name\E / } @http), $line ? $line : ()];
}


my $where = qr{nginx\.conf:\d+};

accepted('what the README shows');
accepted('a public address that ends in a slash',
         place => place(url => 'http://127.0.0.1/wenming/'));
accepted('another path', place => place(location => 'location ^~ /a/b/',
                                        url => 'https://x.cn/a/b'));
accepted('Redis by TCP', http => with('wenming_redis',
                                      'wenming_redis redis://127.0.0.1:1/2;'));
accepted("durability $_", http => [@http, "wenming_durability $_;"])
    for qw(always everysec unchecked);
accepted('everything in the location', http => [],
         place => place(more => \@http));


# ---- the location and its address

refused('no public address', [qr/wenming_public_url/, $where],
        place => place(url => ''));
refused("the public address $_", [qr/wenming_public_url/, $where],
        place => place(url => $_))
    for 'www.example.cn/wenming', 'ftp://x.cn/wenming', 'https:///wenming',
        'https://x.cn', 'https://x.cn/other', '//x.cn/wenming',
        'https://x.cn/wenming/more', 'https://x.cn/wenming?x=1',
        'https://a b.cn/wenming', 'https://user@x.cn/wenming',
        'https://x.cn/wenming#x';
refused("a district $_", [qr/district/, $where],
        place => place(wenming => "wenming $_;"))
    for '芙蓉', 'Furong', '"a{b}"', 'x' x 33, '""', '../x';
refused('two districts in one location', [qr/duplicate/, $where],
        place => place(more => ['wenming yuelu;']));
refused("in $_", [qr/location/, $where],
        place => place(location => $_))
    for 'location = /wenming/', 'location ~ ^/wenming/', 'location /wenming',
        'location /';
refused('wenming outside of a location', [qr/not allowed here/, $where],
        http => [@http, 'wenming furong;']);


# ---- Redis

refused('no Redis', [qr/wenming_redis/, $where],
        http => with('wenming_redis'));
refused("Redis at $_", [qr/wenming_redis/, $where],
        http => with('wenming_redis', "wenming_redis $_;"))
    for 'localhost', 'unix:relative.sock', 'unix:/' . 'x' x 200, '""',
        'redis://', 'redis://127.0.0.1:99999', 'redis://127.0.0.1:1/x',
        'redis://no.such.host.invalid', 'http://127.0.0.1',
        'redis://[::1', 'redis://127.0.0.1:1/-1';
refused('an unknown durability', [qr/invalid value|durability/, $where],
        http => [@http, 'wenming_durability perhaps;']);
refused("an identity $_->[0]", [qr/wenming_identity/, $_->[1], $where],
        http => [@http, "wenming_identity $_->[0];"])
    for ['phone=$http_x_phone name=$request_id', qr/trust_headers/],
        ['phone=$request_id name=${cookie_name}', qr/trust_headers/],
        ['phone=$arg_phone name=$request_id', qr/trust_headers/],
        ['phone=$request_id', qr/needs both/],
        ['phone=13800000000 name=$request_id', qr/variables/],
        ['phone=$request_id phone=$request_id name=$request_id', qr/twice/],
        ['phone=$request_id name=$request_id id=$request_id', qr/knows/],
        ['phone=$request name=$request_id', qr/trust_headers/];
refused('an identity of a variable that nobody sets', [qr/no_such_variable/],
        http => [@http,
                 'wenming_identity phone=$no_such_variable name=$hostname;']);
accepted("identity $_", http => [@http, "wenming_identity $_;"])
    for 'phone=$request_id name=$request_id',
        'name=$upstream_http_x_name phone=$upstream_http_x_phone',
        'phone=$http_x_phone name=$http_x_name trust_headers';
refused('no time limit', [qr/invalid value|timeout/, $where],
        http => [@http, 'wenming_redis_timeout soon;']);
refused('no password file', [qr/secret/, $where],
        http => [@http, "wenming_redis_password_file $dir/secret;"]);
Wenming::Site::write_file("$dir/secret", "x\n", 0644);
refused('a password file that others may read', [qr/secret.*chmod 600/s],
        http => [@http, "wenming_redis_password_file $dir/secret;"]);


accepted("a second factor $_", http => [@http, "wenming_staff_totp $_;"])
    for qw(optional required);
refused("a second factor $_", [qr/invalid value|takes|arguments/, $where],
        http => [@http, "wenming_staff_totp $_;"])
    for 'on', '', 'required required';


# ---- keys

refused('no keys', [qr/wenming_keys/, qr/wenming keys new/, $where],
        http => with('wenming_keys'));
refused('a key file that is not there', [qr/nothing-there/, $where],
        http => with('wenming_keys', "wenming_keys $dir/nothing-there;"));


sub key_file {
    my ($name, $text, $mode, @patterns) = @_;

    Wenming::Site::write_file("$dir/bad-keys", $text, $mode);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return refused("a key file $name", [qr/bad-keys/, @patterns],
                   http => with('wenming_keys', "wenming_keys $dir/bad-keys;"));
}


my $n = 0;
my @lines = split /^/, $keys;
my ($sign) = grep { $lines[$_] =~ /^sign/ } 0 .. $#lines;


sub changed {
    my ($code) = @_;

    my @l = @lines;

    for ($l[$sign]) {
        $code->();
    }

    return join '', @l;
}


my $line = 'line ' . ($sign + 1);

key_file("of mode $_->[1]", $keys, $_->[0], qr/chmod 600/)
    for [0644, '0644'], [0640, '0640'], [0604, '0604'], [0660, '0660'];
key_file('that is empty', '', 0600, qr/wenming keys new/);
key_file('that is no text', "\0\1\2\n", 0600, qr/line 1/);
key_file('with a short key', changed(sub { s/..$// }), 0600, qr/$line\b/);
key_file('with no hex', changed(sub { s/.$/x/ }), 0600, qr/$line\b/);
key_file('with zeros', changed(sub { s/[0-9a-f]{64}/'0' x 64/ei }), 0600,
         qr/$line\b.*wenming keys new/s);
key_file('with a sample', changed(sub {
             s/[0-9a-f]{64}/join '', map { sprintf '%02x', $_ } 0 .. 31/ei }),
         0600, qr/$line\b.*wenming keys new/s);
my ($published) = Wenming::Site::read_file("$Wenming::Site::ROOT/docs/token.md")
                  =~ /^```keys\n(.*?)^```/ms;
my @published = split /^/, $published;
for my $public (@published) {
    my ($set, $id) = split ' ', $public;

    key_file("with $set key $id of docs/token.md",
             join('', grep({ !/^$set\b/ } @lines),
                  $public =~ s/retired/active/r),
             0600, qr/sample key.*wenming keys new/s);
}

key_file('with an unknown algorithm', changed(sub { s/hmac-sha256/md5/ }),
         0600, qr/$line\b/);
key_file('with an unknown state', changed(sub { s/active/new/ }), 0600,
         qr/$line\b/);
key_file('with an id too high', changed(sub { s/^sign +\d+/sign 256/ }), 0600,
         qr/$line\b/);
key_file('without a key in force', changed(sub { s/active/retired/ }), 0600,
         qr/active/);
key_file('with one id twice', changed(sub { $_ .= $_ }), 0600,
         qr/line @{[$sign + 2]}\b/);
key_file('without data keys', join('', grep { !/^data/ } @lines), 0600,
         qr/data/);
key_file('of a megabyte', "# x\n" x 300_000, 0600);

my ($ok, $said) = verdict(http => with('wenming_keys',
                                       "wenming_keys $dir/bad-keys;"));
unlike $said, qr/[0-9a-f]{32}/i, 'no key is ever shown';


# ---- templates

my $templates = "$dir/templates";

mkdir $templates;


sub template {
    my ($name, $text, @patterns) = @_;

    Wenming::Site::write_file("$templates/menu.html", $text);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return refused("a template $name", [qr{templates/menu\.html}, @patterns],
                   http => [@http, "wenming_templates $templates;"]);
}


template('with a tag that does not end', "a\nb {{title\nc", qr/html:2\b/);
template('with a section that does not end', "{{#items}}\n\nx", qr/html:\d/);
template('with an end too many', "a\nb\nc{{/items}}", qr/html:3\b/);
template('with ends crossed', "{{#a}}\n{{#b}}{{/a}}{{/b}}", qr/html:2\b/);
template('with another that is not there', "x\n{{>nothing}}", qr/nothing/);
template('with an unknown text', "x\n{{=nothing}}", qr/html:2\b/);
template('that takes in itself', "{{>menu}}");

Wenming::Site::write_file("$templates/menu.html", "<p>mine {{title}}</p>\n");
accepted('a template of one\'s own',
         http => [@http, "wenming_templates $templates;"]);
refused('a directory that is not there', [qr/no-templates/],
        http => [@http, "wenming_templates $dir/no-templates;"]);


# ---- the rest

refused("an offset $_", [qr/wenming_utc_offset/, $where],
        http => [@http, "wenming_utc_offset $_;"])
    for '8', '+8:00', '+15:00', '+08:60', 'Asia/Shanghai';
refused("frames from $_", [qr/wenming_frame_ancestors/, $where],
        http => [@http, "wenming_frame_ancestors \"$_\";"])
    for '*; script-src *', 'https://a.example,b', '';
refused("health from $_", [qr/wenming_health/, $where],
        http => [@http, "wenming_health $_;"]),
refused("an unlimited $_", [qr/wenming_unlimited/, $where],
        http => [@http, "wenming_unlimited $_;"]) for 'here', '10.0.0.0/33';
refused("deadlines $_", [qr/wenming_deadlines/, $where],
        http => [@http, "wenming_deadlines $_;"])
    for 'dispatch', 'dispatch=', 'dispatch=0', 'dispatch=soon', 'accept=366d',
        'rate=1d', '24h', 'dispatch=1h dispatch=2h', 'dispatch=1h;'
        . ' wenming_deadlines accept=1h';
refused("offers $_", [qr/wenming_offers/, $where],
        http => [@http, "wenming_offers $_;"])
    for '24h 59s', '24h 0', '31d 2h', '24h 31d', 'soon 2h', '24h long',
        '-1h 2h', '24h', '24h 2h 1h';
accepted("offers $_", http => [@http, "wenming_offers $_;"])
    for '24h 2h', '0 1m', '30d 30d', '3600 90';
refused("a gateway $_", [qr/wenming_sms/, qr/internal location/, $where],
        http => [@http, "wenming_sms $_;"])
    for 'sms', '@sms', '/', '/sms?to=1', '/sms/$arg_to', 'http://x.cn/sms';
accepted('a gateway', http => [@http, 'wenming_sms /sms;']);
refused('two gateways', [qr/wenming_sms/, qr/duplicate/, $where],
        http => [@http, 'wenming_sms /sms;', 'wenming_sms /other;']);

refused("a WeChat $_->[0]", [qr/wenming_wechat/, $_->[1], $where],
        http => [@http, "wenming_wechat $_->[0];"])
    for ['wx1 /wechat', qr/appid=/], ['appid= /wechat', qr/letters/],
        ['"appid=wx 1" /wechat', qr/letters/], ['appid=wx1 wechat', qr/path/],
        ['appid=' . 'x' x 65 . ' /wechat', qr/letters/],
        ['appid=wx1&a=b /wechat', qr/letters/],
        ['appid=wx1', qr/number of arguments/];
accepted('a WeChat', http => [@http, 'wenming_wechat appid=wx1 /wechat;']);
refused('two of WeChat', [qr/wenming_wechat/, qr/duplicate/, $where],
        http => [@http, ('wenming_wechat appid=wx1 /wechat;') x 2]);

refused('offers twice', [qr/wenming_offers/, qr/duplicate/, $where],
        http => [@http, 'wenming_offers 24h 2h;', 'wenming_offers 1h 1h;']);
accepted('offers of one location', http => [@http, 'wenming_offers 1h 1h;'],
         place => place(more => ['    wenming_offers 24h 2h;']));
refused('checkpoints where nobody can write', [qr/checkpoints/],
        http => with('wenming_checkpoints',
                     'wenming_checkpoints /nothing/there/checkpoints;'));
refused('an audit log where nobody can write', [qr/wenming_audit_log/],
        http => [@http, 'wenming_audit_log /nothing/there/audit.log;']);
refused("$_ without a value", [qr/invalid number of arguments/, $where],
        http => [@http, "$_;"])
    for qw(wenming_redis wenming_keys wenming_checkpoints wenming_audit_log
           wenming_templates
           wenming_durability wenming_health wenming_unlimited
           wenming_utc_offset wenming_redis_timeout wenming_deadlines);


# ---- a bad file on reload leaves the old configuration in force

my $site = site(expect => [qr/\[emerg\].*wenming/]);
ok $site->until(3, sub { $site->worker_pids == 2 }), 'both workers are there';

my @old = $site->worker_pids;

push @{$site->{http}}, 'wenming_utc_offset nonsense;';
$site->reload;
ok $site->until(3, sub { $site->error_log =~ /wenming_utc_offset/ }),
   'a reload with a fault says so in the log';
is_deeply [$site->worker_pids], \@old, 'and the workers stay';
is $site->browser->get('api/menu')->{status}, 200, 'and answer';

$site->{http} = ["wenming_templates $templates;"];
chmod 0755, $dir, $templates;
chmod 0644, "$templates/menu.html";
$site->reload;
ok $site->until(5, sub {
    $site->browser->get('menu')->{body} =~ /^<p>mine/ }),
   'after a good one a district has its own look';

end();
