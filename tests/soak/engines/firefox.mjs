// A crew member's phone with Firefox, driven over WebDriver BiDi. One step a start, so that each finds the browser closed:
//   node firefox.mjs sign-in|save|send URL PROFILE [EMAIL PASSWORD | PHOTO]
// "save" prints the receipt code.
import process from 'node:process';
import puppeteer from 'puppeteer-core';

const [step, url, profile, ...rest] = process.argv.slice(2);
const PATIENCE_MS = 60_000;

const steps = {
  async 'sign-in'(page, [email, password]) {
    await page.goto(`${url}/crew`);
    await page.locator('input[type=email]').fill(email);
    await page.locator('input[type=password]').fill(password);
    await page.locator('button ::-p-text(Sign in)').click();
    await says(page, 'As the council had it');
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  },

  /** The server is not there: the app comes from its worker. */
  async save(page, [photo]) {
    await page.evaluateOnNewDocument(() => {
      // The file dialog belongs to the system: what would open it stays in the page instead, for the driver to fill.
      const open = HTMLInputElement.prototype.click;
      HTMLInputElement.prototype.click = function () {
        if (this.type === 'file') document.body.append(this);
        else open.call(this);
      };
    });
    await page.goto(`${url}/crew`);
    await page.locator('button ::-p-text(Report a fly-tip)').click();
    const chooser = await page.waitForSelector('input[type=file]', { timeout: PATIENCE_MS });
    await chooser.uploadFile(photo);
    await page.waitForSelector('img[alt="Photo 1"]', { timeout: PATIENCE_MS });
    await page.locator('label ::-p-text(Tyres)').click();
    await page.locator('label ::-p-text(Item)').click();
    await page.locator('button ::-p-text(Save report)').click();
    await says(page, 'Saved on this phone');
    process.stdout.write(await page.$eval('.code', (code) => code.textContent));
  },

  async send(page) {
    await page.goto(`${url}/crew#/waiting`);
    await says(page, 'Safe, phone copy can go');
  },
};

async function says(page, words) {
  await page.waitForFunction((wanted) => document.body.textContent.includes(wanted), { timeout: PATIENCE_MS }, words);
}

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: process.env.FIREFOX ?? 'firefox-esr',
  headless: true,
  userDataDir: profile,
  defaultViewport: { width: 390, height: 844 },
  extraPrefsFirefox: { 'permissions.default.geo': 2 },
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await steps[step](page, rest);
} finally {
  await browser.close();
}
