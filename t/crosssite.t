use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Posts from other sites' pages.

my $site = site();
my $event = $site->event;
my ($origin) = $site->public_url =~ m{^(https?://[^/]+)};
my $n = 0;

# name, headers, whether a form passes, whether JSON passes

my @cases = (
    ['from our own page', { 'Sec-Fetch-Site' => 'same-origin' }, 1, 1],
    ['from another site', { 'Sec-Fetch-Site' => 'cross-site' }, 0, 0],
    ['from a sibling', { 'Sec-Fetch-Site' => 'same-site' }, 0, 0],
    ['from the address bar', { 'Sec-Fetch-Site' => 'none' }, 0, 0],
    ['from another site that lies about its origin',
     { 'Sec-Fetch-Site' => 'cross-site', Origin => $origin }, 0, 0],
    ['with our origin', { Origin => $origin }, 1, 1],
    ['with another origin', { Origin => 'https://evil.example' }, 0, 0],
    ['with an origin that begins as ours', { Origin => "$origin.evil" },
     0, 0],
    ['with our host and another port', { Origin => 'http://127.0.0.1:1' },
     0, 0],
    ['with our host and another scheme',
     { Origin => $origin =~ s/^http/https/r }, 0, 0],
    ['with the origin null', { Origin => 'null' }, 0, 0],
    ['with the Host of another', { Origin => 'https://evil.example',
                                   Host => 'evil.example' }, 0, 0],
    ['with neither header', {}, 1, 1],
);

for my $case (@cases) {
    my ($name, $headers, $form, $json) = @$case;
    my %both = ('Sec-Fetch-Site' => undef, %$headers);
    my $web = $site->browser;
    my $before = $site->journal_length;
    my $page = $web->get($site->code($event)->{path});
    my ($f) = $page->forms;
    my %fields = (name => '某人' . ++$n, phone => $site->phone($n));

    my $r = $web->post('c', form => { %{$f->{hidden}}, %fields },
                       headers => \%both);

    is $r->{status}, $form ? 201 : 403, "a form $name";
    is $site->journal_length - $before, $form ? 1 : 0,
       $form ? 'is applied' : 'is not applied';

    $web = $site->browser;
    $before = $site->journal_length;

    my $ticket = $site->ticket($web, $event);

    $fields{name} .= '乙';
    $r = $web->post('api/c', json => { ticket => $ticket, %fields },
                    headers => \%both);
    is $r->{status}, $json ? 201 : 403, "JSON $name";
    is $r->json->{code}, 'foreign', 'says why' if !$json;
    is $site->journal_length - $before, $json ? 1 : 0,
       $json ? 'is applied' : 'is not applied';
}


# ---- forms that prove where they are from by their token only

my $web = $site->browser;
my $page = $web->get('course/party-01');
my ($form) = $page->forms;
my %order = (unit => 'wenyilu', head_count => 5, contact_name => '某人',
             phone => $site->phone(99), note => '',
             wanted => substr Wenming::Site::iso(time + 864000), 0, 10);


sub order {
    my ($browser, $hidden) = @_;

    return $browser->post('course/party-01', form => { %order, %$hidden },
                          headers => { 'Sec-Fetch-Site' => undef });
}


my %hidden = %{$form->{hidden}};
my $before = $site->journal_length;

is order($web, { %hidden, form => undef })->{status}, 403, 'no token';
is order($web, { %hidden, form => '' })->{status}, 403, 'an empty token';
is order($web, { %hidden, form => "A$hidden{form}" })->{status}, 403,
   'another token';
is order($web->fresh, \%hidden)->{status}, 403, 'without the cookie';

my $other = $web->fresh;
$other->get('course/party-01');
is order($other, \%hidden)->{status}, 403, 'the token of another device';
is $site->journal_length, $before, 'nothing was applied';
is order($web, \%hidden)->{status}, 201, 'the token of the page';

my $login = $web->fresh;
($form) = $login->get('staff/login')->forms;
is $login->post('staff/login', form => {
       name => 'worker-furong', password => $site->{staff}{'worker-furong'} },
       headers => { 'Sec-Fetch-Site' => undef })->{status}, 403,
   'nobody is signed in by another site';


# ---- what a page of another site can send without asking

for my $type ('text/plain', 'multipart/form-data; boundary=x',
              'application/x-www-form-urlencoded')
{
    my $r = $site->worker->post("api/staff/events/$event/cancel",
                                type => $type, body => '{}',
                                headers => { Origin => 'https://evil.example',
                                             'Sec-Fetch-Site' => 'cross-site'
                                           });
    like $r->{status}, qr/^4(?:03|15)$/, "not as $type";
}

is $site->browser->get("api/events/$event")->json->{status}, 'published',
   'the event is still there';


# ---- what our pages say about themselves

my $r = $web->get('menu');

like $r->header('content-security-policy'), qr/default-src/, 'there is a CSP';
unlike $r->header('content-security-policy'), qr/unsafe|\*/, 'a strict one';
like $r->header('content-security-policy'), qr/frame-ancestors/,
     'that says who may frame it';
is $r->header('referrer-policy'), 'same-origin', 'Referrer-Policy';
is $r->header('x-content-type-options'), 'nosniff', 'no guessing of types';
ok !defined $r->header('access-control-allow-origin'), 'no CORS';


# ---- an address with TLS that ends before this nginx

my $tls = site(public_url => 'https://www.example.gov.cn/wenming');
my $far = $tls->browser;

$r = $far->get('course/party-01');
like $r->cookie, qr/^__Host-.*; *Secure/i, 'cookies are for TLS only';
unlike $r->cookie, qr/; *Domain/i, 'and for this host';
like $r->cookie, qr{; *Path=/(?:;|$)}i, 'with the path that __Host- needs';
like $r->text, qr{action="https://www\.example\.gov\.cn/wenming/course/},
     'forms lead to the public address';
is $far->post('api/orders', json => { course => 'party-01', %order,
       wanted => [$order{wanted}] },
       headers => { Origin => "http://127.0.0.1:$tls->{port}" })->{status},
   403, 'the address of the connection is none of ours';
is $far->post('api/orders', json => { course => 'party-01', %order,
       wanted => [$order{wanted}] },
       headers => { Origin => 'https://www.example.gov.cn' })->{status},
   201, 'the public one is';

end();
