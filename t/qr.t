use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# The images of a code, read by a scanner.

my $site = site();
my $event = $site->event;
my $worker = $site->worker;
my $png = "$site->{dir}/code.png";
my $url = qr{^\Q@{[$site->public_url]}\E/c/[0-9A-Z]{45}$};


sub fetch {
    my ($path) = @_;

    my $r = $worker->get($path);

    is $r->{status}, 200, $path;
    like $r->header('cache-control'), qr/no-store/, 'which no cache keeps';

    return $r;
}


sub scan {
    my ($file) = @_;

    # zbarimg would like to tell a desktop

    local $ENV{DBUS_SESSION_BUS_ADDRESS} = 'unix:path=/nonexistent';
    my ($rc, $said) = Wenming::Site::run(
        'sh', '-c', 'exec zbarimg -q --raw -Sdisable -Sqrcode.enable'
                    . ' --nodbus "$0" 2>/dev/null', $file);

    chomp $said;

    return $said;
}


sub modules {
    my ($svg) = @_;

    my ($side) = $svg =~ /viewBox="0 0 (\d+) \1"/;

    return $side - 8;
}


for my $kind ('screen-in', 'screen-out') {
    my $query = "kind=$kind";
    my $r = fetch("api/staff/events/$event/qr.png?$query");

    is $r->type, 'image/png', 'is PNG';
    Wenming::Site::write_file($png, $r->{body});
    like scan($png), $url, 'a scanner reads the address from it';

    $r = fetch("api/staff/events/$event/qr.svg?$query");
    like $r->type, qr{^image/svg\+xml}, 'is SVG';
    unlike $r->{body}, qr/<script|href|http:\/\/(?!www\.w3\.org)/,
           'that fetches nothing';

    Wenming::Site::write_file("$site->{dir}/code.svg", $r->{body});
    is system('rsvg-convert', '-w', 400, '-o', $png, "$site->{dir}/code.svg"),
       0, 'it can be drawn';

    my $text = scan($png);
    like $text, $url, 'and read as well';

    my $version = (modules($r->{body}) - 17) / 4;
    ok $version <= 6, "version $version is at most 6";

    my ($path) = $text =~ m{(c/.*)};
    page($site->browser->get($path), 200,
         ['测试讲座', $kind eq 'screen-out' ? '签退' : '签到'],
         "what it leads to: $kind");
}

# a public address as long as they come

my $long = 'https://' . 'w' x 24 . '.furong.example.gov.cn/wenming';
my $far = site(public_url => $long);
my $id = $far->event;
my $r = $far->worker->get("api/staff/events/$id/qr.png");

Wenming::Site::write_file($png, $r->{body});
is index(scan($png), "$long/c/"), 0, 'the address is the public one';
$r = $far->worker->get("api/staff/events/$id/qr.svg");
ok((modules($r->{body}) - 17) / 4 <= 6, 'a long address fits too');


# ---- one image for everyone in a slot, another in the next

my ($code, $same);

for (1 .. 3) {                          # not over the edge of a slot
    $code = $worker->get("api/staff/events/$event/code")->json;
    my @all = at_once(map { [$worker, 'GET',
                             "api/staff/events/$event/qr.svg"] } 1 .. 10);
    my %kinds = map { $_->{body} => 1 } @all;
    $same = keys %kinds;
    last if $same == 1;
}

is $same, 1, 'ten at the same moment see the same image';
ok $code->{refresh_ms} > 0 && $code->{refresh_ms} <= 15_000,
   'refresh_ms leads to the next slot';
like $code->{code}, qr/^\d{6}$/, 'six digits beside it';

sleep $code->{refresh_ms} / 1000 + 0.2;

my $next = $worker->get("api/staff/events/$event/code")->json;

isnt $next->{url}, $code->{url}, 'and there is another code';
ok $next->{valid_until} gt $code->{valid_until}, 'valid for longer';
problem($worker->get("api/staff/events/$event/code",
                     query => { kind => 'resident-card' }), 422, 'invalid',
        ['kind'], 'a kind that no screen shows');

my ($rc, $said) = $site->tool('qr', $code->{url});

is $rc, 0, 'the tool draws it in a terminal';
like $said, qr/\xe2\x96[\x80\x84\x88]/, 'with blocks';

end();
